package io.hfx.simulator.fidelity;

import io.hfx.simulator.scenario.Figures;
import io.hfx.simulator.scenario.Score;
import java.util.List;
import java.util.function.DoubleBinaryOperator;

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

        /** 0 where both are 0, or there is nothing live to compare with. */
        private static double relative(double live, double simulated) {
            return live == 0 ? 0 : Figures.rounded((simulated - live) / live);
        }

        private Relative with(Relative other, DoubleBinaryOperator choice) {
            return new Relative(
                    choice.applyAsDouble(mean, other.mean),
                    choice.applyAsDouble(p50, other.p50),
                    choice.applyAsDouble(p90, other.p90),
                    choice.applyAsDouble(p99, other.p99));
        }

        private double largest() {
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

    /** The least of each figure. */
    static Errors least(List<Errors> errors) {
        return errors.stream().reduce((a, b) -> a.with(b, Math::min)).orElseThrow();
    }

    /** The greatest of each figure. */
    static Errors most(List<Errors> errors) {
        return errors.stream().reduce((a, b) -> a.with(b, Math::max)).orElseThrow();
    }

    private Errors with(Errors other, DoubleBinaryOperator choice) {
        return new Errors(
                ttft.with(other.ttft, choice),
                tpot.with(other.tpot, choice),
                e2e.with(other.e2e, choice),
                choice.applyAsDouble(attainmentPoints, other.attainmentPoints));
    }

    /** The largest of all relative errors, without sign. */
    double largest() {
        return Math.max(ttft.largest(), Math.max(tpot.largest(), e2e.largest()));
    }
}
