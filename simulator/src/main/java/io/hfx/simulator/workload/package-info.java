/**
 * Workloads: when requests arrive and how long they are, made from published length distributions
 * or read from traces. Everything random is seeded; nothing here reads a clock. The load generator
 * and the simulator use the same ones.
 */
@NullMarked
package io.hfx.simulator.workload;

import org.jspecify.annotations.NullMarked;
