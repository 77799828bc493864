/** Placeholder: filled by the next commits. */
@NullMarked
package io.hfx.simulator;

import org.jspecify.annotations.NullMarked;
