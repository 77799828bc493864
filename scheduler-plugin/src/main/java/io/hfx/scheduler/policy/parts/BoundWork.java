package io.hfx.scheduler.policy.parts;

import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.slo.Slo;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * What is bound to one worker and unfinished, as sums that a policy keeps while it hears of {@code
 * bound} and {@code left}. Demoted requests and those without objective have no TPOT here.
 */
public final class BoundWork {
    /** Units of a token a nanosecond: whole ones, so that sums stay exact. */
    private static final double UNITS = 1L << 52;

    private final NavigableMap<Long, Integer> sequencesByTpot = new TreeMap<>();
    private long tokenUnits;
    private int sequences;
    private int timed;
    private long outputTokens;

    /** The work of each worker of a fleet. */
    public static final class Fleet {
        private final Map<WorkerId, BoundWork> byWorker = new HashMap<>();
        private final ToLongFunction<RequestSpec> tpotNanos;

        /** By {@link Due#tpotNanos}. */
        public Fleet() {
            this(Due::tpotNanos);
        }

        /**
         * @param tpotNanos of a request that is not demoted; {@link Slo#NONE} for none
         */
        public Fleet(ToLongFunction<RequestSpec> tpotNanos) {
            this.tpotNanos = tpotNanos;
        }

        public BoundWork of(WorkerView worker) {
            return byWorker.computeIfAbsent(worker.spec().id(), id -> new BoundWork());
        }

        public void bound(Waiting request, WorkerView worker) {
            of(worker).add(request, tpotNanos(request), 1);
        }

        public void left(Waiting request, WorkerView worker) {
            of(worker).add(request, tpotNanos(request), -1);
        }

        private long tpotNanos(Waiting request) {
            return request.demoted() ? Slo.NONE : tpotNanos.applyAsLong(request.request());
        }
    }

    private void add(Waiting waiting, long tpotNanos, int sign) {
        RequestSpec request = waiting.request();
        int n = sign * request.sequences();
        sequences += n;
        outputTokens += (long) n * request.plannedTokens();
        if (tpotNanos == Slo.NONE) {
            return;
        }
        timed += n;
        if (sequencesByTpot.merge(tpotNanos, n, Integer::sum) == 0) {
            sequencesByTpot.remove(tpotNanos);
        }
        tokenUnits += n * Math.round(UNITS / tpotNanos);
    }

    /** The tightest TPOT that a sequence needs; {@link Slo#NONE} where none needs any. */
    public long tightestTpotNanos() {
        return sequencesByTpot.isEmpty() ? Slo.NONE : sequencesByTpot.firstKey();
    }

    /** Tokens that all sequences together need in a nanosecond. */
    public double tokensPerNano() {
        return tokenUnits / UNITS;
    }

    /** All sequences. */
    public int sequences() {
        return sequences;
    }

    /** Sequences with a TPOT. */
    public int timedSequences() {
        return timed;
    }

    /** Sequences without a TPOT. */
    public int untimedSequences() {
        return sequences - timed;
    }

    /** Output tokens of all sequences, as planned. */
    public long outputTokens() {
        return outputTokens;
    }
}
