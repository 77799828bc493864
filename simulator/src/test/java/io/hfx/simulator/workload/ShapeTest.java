package io.hfx.simulator.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShapeTest {
    private static final long SECOND = 1_000_000_000L;

    @ParameterizedTest
    @CsvSource({
        "chat, 1020, 2734, 129, 424, 0.09",
        "code, 1469, 5187, 13, 55, 0.0",
        "summarise, 2730, 3702, 167, 372, -0.48",
        "agent, 6909, 27367, 350, 597, 0.05"
    })
    void lengthsHaveThePublishedPercentiles(
            String name, double p50, double p90, double out50, double out90, double correlation) {
        List<Arrival> arrivals = generate(name, 1000, 40, 3).arrivals();

        assertNear(p50, Stats.percentile(arrivals, Arrival::promptTokens, 0.5));
        assertNear(p90, Stats.percentile(arrivals, Arrival::promptTokens, 0.9));
        assertNear(out50, Stats.percentile(arrivals, Arrival::outputTokens, 0.5));
        assertNear(out90, Stats.percentile(arrivals, Arrival::outputTokens, 0.9));
        assertEquals(correlation, Stats.logCorrelation(arrivals), 0.06);
    }

    @Test
    void mixedHoldsThreeClassesInTheirShares() {
        Map<String, Long> counts =
                generate("mixed", 1000, 40, 5).arrivals().stream()
                        .collect(Collectors.groupingBy(Arrival::sloClass, Collectors.counting()));

        double total = counts.values().stream().mapToLong(n -> n).sum();
        assertEquals(0.5, counts.get("chat") / total, 0.01);
        assertEquals(0.3, counts.get("code") / total, 0.01);
        assertEquals(0.2, counts.get("summarise") / total, 0.01);
    }

    @Test
    void theSeedFixesLengthsAtEveryRate() {
        List<Arrival> slow = generate("mixed", 5, 10, 9).arrivals();
        List<Arrival> fast = generate("mixed", 50, 10, 9).arrivals();

        for (int i = 0; i < slow.size(); i++) {
            assertEquals(slow.get(i), fast.get(i).at(slow.get(i).atNanos()));
        }
        assertTrue(fast.size() > 5 * slow.size());
    }

    @Test
    void fittingToAContextClampsTheRestAndCountsIt() {
        Shape chat = Shape.named("chat");
        LengthFit fit = LengthFit.forP99(chat.totalTokensP99(), 1024);
        Workload whole = generate("chat", 1000, 40, 3);
        Workload fitted = fit.apply(whole);

        assertEquals(whole.arrivals().size(), fitted.arrivals().size());
        assertEquals(0.01, fitted.clampedRequests() / (double) whole.arrivals().size(), 0.004);
        assertTrue(fitted.arrivals().stream().allMatch(a -> a.totalTokens() <= 1024));
        assertNear(
                1020 * fit.factor(),
                Stats.percentile(fitted.arrivals(), Arrival::promptTokens, 0.5));
    }

    @Test
    void clampingKeepsOutputUpToHalfTheContext() {
        Workload one = new Workload("one", List.of(new Arrival(0, "x", 900, 700)), 10, 0, 0);

        Arrival clamped = new LengthFit(1, 1000).apply(one).arrivals().get(0);

        assertEquals(new Arrival(0, "x", 500, 500), clamped);
    }

    @Test
    void anUnknownShapeNamesTheKnown() {
        WorkloadException e = assertThrows(WorkloadException.class, () -> Shape.named("translate"));

        assertEquals(
                "workload must be one of [chat, code, summarise, agent, mixed], was translate",
                e.getMessage());
    }

    private static Workload generate(String name, double perSecond, int seconds, long seed) {
        return Shape.named(name)
                .generate(new ArrivalProcess.Poisson(), perSecond, seconds * SECOND, seed);
    }

    private static void assertNear(double expected, double actual) {
        assertEquals(expected, actual, Math.max(1, 0.04 * expected));
    }
}
