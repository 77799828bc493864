/** Placeholder: filled by the next commits. */
@NullMarked
package io.hfx.benchmarks;

import org.jspecify.annotations.NullMarked;
