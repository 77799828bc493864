/**
 * An executor that waits instead of computing: a latency profile says how long a step takes. It
 * keeps real KV accounts and says everywhere that it is emulated.
 */
@NullMarked
package io.hfx.engine.emulated;

import org.jspecify.annotations.NullMarked;
