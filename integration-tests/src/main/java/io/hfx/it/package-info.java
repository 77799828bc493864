/** Placeholder: filled by the next commits. */
@NullMarked
package io.hfx.it;

import org.jspecify.annotations.NullMarked;
