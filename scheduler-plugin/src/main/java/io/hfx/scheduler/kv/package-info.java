/** How much KV a worker has and what a sequence costs; slots and blocks look alike from here. */
@NullMarked
package io.hfx.scheduler.kv;

import org.jspecify.annotations.NullMarked;
