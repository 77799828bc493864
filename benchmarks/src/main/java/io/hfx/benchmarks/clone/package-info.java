/**
 * How fast a weight image comes into a process: from disk, memory, another process, over TCP, along
 * a chain. docs/d2d.md explains the figures; {@code benchmarks/clone} runs it.
 */
@NullMarked
package io.hfx.benchmarks.clone;

import org.jspecify.annotations.NullMarked;
