package io.hfx.simulator.report;

import io.hfx.simulator.scenario.RunResult;
import java.util.List;

/**
 * The largest offered rate at which a policy attains so much. Between two rates of the grid the
 * attainment is taken as linear; the first rate at which it falls short ends the search, so that a
 * lucky run beyond does not count.
 */
final class Goodput {
    private Goodput() {}

    /**
     * Requests per second: 0 where even the lowest rate falls short, and the highest of the grid
     * where none does.
     *
     * @param runs of one policy and one seed, ascending in rate
     * @param attainment to be held, 0 to 1
     */
    static double at(List<RunResult> runs, double attainment) {
        double held = 0;
        double heldAttainment = 1;
        for (RunResult run : runs) {
            double now = run.overall().attainment();
            if (now < attainment) {
                double share = (heldAttainment - attainment) / (heldAttainment - now);
                return held == 0 ? 0 : held + share * (run.perSecond() - held);
            }
            held = run.perSecond();
            heldAttainment = now;
        }
        return held;
    }
}
