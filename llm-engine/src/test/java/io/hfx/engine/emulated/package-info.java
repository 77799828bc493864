/** Tests of the emulated executor's time and tokens. */
@NullMarked
package io.hfx.engine.emulated;

import org.jspecify.annotations.NullMarked;
