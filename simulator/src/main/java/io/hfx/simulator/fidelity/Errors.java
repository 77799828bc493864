package io.hfx.simulator.fidelity;

import io.hfx.simulator.scenario.Figures;
import io.hfx.simulator.scenario.Score;

/**
 * How far a simulated score is from the live one.
 *
 * @param ttft relative errors: (simulated - live) / live
 * @param attainmentPoints simulated less live share of met requests, in percentage points
 */
public record Errors(Relative ttft, Relative tpot, Relative e2e, double attainmentPoints) {

    /** Relative errors of a latency. */
    public record Relative(double mean, double p50, double p90, double p99) {
        static Relative of(Score.Spread live, Score.Spread simulated) {
            return new Relative(
                    relative(live.mean(), simulated.mean()),
                    relative(live.p50(), simulated.p50()),
                    relative(live.p90(), simulated.p90()),
                    relative(live.p99(), simulated.p99()));
        }

        /** 0 where both are 0. */
        private static double relative(double live, double simulated) {
            return live == simulated ? 0 : Figures.rounded((simulated - live) / live);
        }

        double largest() {
            return Math.max(
                    Math.max(Math.abs(mean), Math.abs(p50)),
                    Math.max(Math.abs(p90), Math.abs(p99)));
        }
    }

    static Errors of(Score live, Score simulated) {
        return new Errors(
                Relative.of(live.ttftMillis(), simulated.ttftMillis()),
                Relative.of(live.tpotMillis(), simulated.tpotMillis()),
                Relative.of(live.e2eMillis(), simulated.e2eMillis()),
                Figures.rounded(100 * (simulated.attainment() - live.attainment())));
    }

    /** The largest of all relative errors, without sign. */
    public double largest() {
        return Math.max(ttft.largest(), Math.max(tpot.largest(), e2e.largest()));
    }
}
