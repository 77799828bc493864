package io.hfx.scheduler.request;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.kv.RestoreSpec;
import io.hfx.scheduler.latency.LatencyModel;

/**
 * What a worker is, from the day it joins.
 *
 * @param id its name
 * @param kind how finely its steps can be controlled
 * @param kv its KV budget
 * @param maxSequences most sequences in one step
 * @param interruptible whether a step can be suspended between slices
 * @param latency first guess of its latency model
 * @param restore how it copies KV from a prefix cache
 */
public record WorkerSpec(
        WorkerId id,
        Kind kind,
        KvBudget kv,
        int maxSequences,
        boolean interruptible,
        LatencyModel latency,
        RestoreSpec restore) {
    public WorkerSpec {
        if (maxSequences < 1) {
            throw new IllegalArgumentException("maxSequences must be at least 1");
        }
    }

    /** A worker without a prefix cache. */
    public WorkerSpec(
            WorkerId id,
            Kind kind,
            KvBudget kv,
            int maxSequences,
            boolean interruptible,
            LatencyModel latency) {
        this(id, kind, kv, maxSequences, interruptible, latency, RestoreSpec.NONE);
    }

    /** Another worker of the same kind. */
    public WorkerSpec named(WorkerId other) {
        return new WorkerSpec(other, kind, kv, maxSequences, interruptible, latency, restore);
    }

    /** The same worker with a prefix cache. */
    public WorkerSpec restoring(RestoreSpec how) {
        return new WorkerSpec(id, kind, kv, maxSequences, interruptible, latency, how);
    }

    /** How finely a worker's steps can be controlled. */
    public enum Kind {
        /** Steps of single tokens and prefill chunks. */
        TOKEN_LEVEL,
        /**
         * An opaque engine: a step is a batch of whole requests, composed when the worker is idle
         * and never cut. A request is one prompt and one output token here.
         */
        WHOLE
    }
}
