/** What the plugin costs inside DJL Serving; in the plugin's package to reach its queue. */
@NullMarked
package io.hfx.plugin.djl;

import org.jspecify.annotations.NullMarked;
