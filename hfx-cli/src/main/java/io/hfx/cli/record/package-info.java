/** Records what a live server does under load, to hold the simulator against it. */
@NullMarked
package io.hfx.cli.record;

import org.jspecify.annotations.NullMarked;
