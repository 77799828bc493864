package io.hfx.scheduler.policy.parts;

import io.hfx.scheduler.policy.Gauges;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.request.RequestSpec;

/**
 * What {@link WorkerView#hasKvFor} depends on, as part of a policy's {@link Gauges}: of one worker
 * the answer is the same, of several it is whether one of them might.
 */
public final class KvGauges {
    /** How many gauges there are. */
    public static final int COUNT = 2;

    private static final int MINUS_FREE_UNITS = 0;
    private static final int MINUS_UNIT_TOKENS = 1;

    private KvGauges() {}

    /** Writes them, as {@link Gauges#read}. */
    public static void read(WorkerView worker, double[] into, int at) {
        into[at + MINUS_FREE_UNITS] =
                worker.requests() == 0 ? Double.NEGATIVE_INFINITY : -worker.freeKvUnits();
        into[at + MINUS_UNIT_TOKENS] = -worker.spec().kv().unitTokens();
    }

    /** Whether there is room for a request in full. */
    public static boolean hasRoom(RequestSpec request, double[] gauges, int at) {
        return hasRoom(request, 0, gauges, at);
    }

    /**
     * Whether there is room for a request in full, and some is left after it.
     *
     * @param keptUnits that are to stay free; an idle worker keeps none
     */
    public static boolean hasRoom(RequestSpec request, double keptUnits, double[] gauges, int at) {
        double unitTokens = -gauges[at + MINUS_UNIT_TOKENS];
        double units = keptUnits;
        for (int i = 0; i < request.sequences(); i++) {
            units += Math.ceil((request.promptTokens(i) + request.maxTokens()) / unitTokens);
        }
        return units <= -gauges[at + MINUS_FREE_UNITS];
    }
}
