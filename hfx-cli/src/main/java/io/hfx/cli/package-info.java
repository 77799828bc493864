/** Placeholder: filled by the next commits. */
@NullMarked
package io.hfx.cli;

import org.jspecify.annotations.NullMarked;
