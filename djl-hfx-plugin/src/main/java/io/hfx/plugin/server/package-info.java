/** The standalone server: a listener, the routes and one served model, started and drained. */
@NullMarked
package io.hfx.plugin.server;

import org.jspecify.annotations.NullMarked;
