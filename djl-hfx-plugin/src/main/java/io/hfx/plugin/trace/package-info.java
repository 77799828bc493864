/** What was decided for each of the newest requests, for whoever asks why it fared as it did. */
@NullMarked
package io.hfx.plugin.trace;

import org.jspecify.annotations.NullMarked;
