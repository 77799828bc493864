/** What giving its weights away costs a server's own requests: {@code benchmarks/seed}. */
@NullMarked
package io.hfx.benchmarks.seed;

import org.jspecify.annotations.NullMarked;
