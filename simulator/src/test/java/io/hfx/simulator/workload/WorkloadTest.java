package io.hfx.simulator.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkloadTest {
    private static final Workload FOUR =
            new Workload("four", List.of(at(0), at(10), at(20), at(30)), 40_000_000_000L, 0, 0);

    @Test
    void changingTheRateKeepsTheRequestsAndTheirSpacing() {
        Workload faster = FOUR.atRate(0.4);

        assertEquals(
                List.of(0L, 2_500_000_000L, 5_000_000_000L, 7_500_000_000L),
                faster.arrivals().stream().map(Arrival::atNanos).toList());
        assertEquals(0.4, faster.meanPerSecond(), 1e-9);
    }

    @Test
    void aWindowStartsAtZeroAndEndsBeforeItsLength() {
        Workload part = FOUR.window(10_000_000_000L, 20_000_000_000L);

        assertEquals(List.of(at(0), at(10)), part.arrivals());
        assertEquals(20_000_000_000L, part.windowNanos());
        assertThrows(WorkloadException.class, () -> FOUR.window(40_000_000_000L, 1));
    }

    @Test
    void theFirstRequestsEndWhereTheNextWouldArrive() {
        Workload two = FOUR.first(2);

        assertEquals(List.of(at(0), at(10)), two.arrivals());
        assertEquals(20_000_000_000L, two.windowNanos());
        assertEquals(FOUR, FOUR.first(9));
        assertThrows(WorkloadException.class, () -> FOUR.first(0));
    }

    @Test
    void classesAreAssignedInTheirShares() {
        Workload many =
                Shape.named("chat")
                        .generate(new ArrivalProcess.Poisson(), 1000, 10_000_000_000L, 1)
                        .assigned(ClassMix.parse("a=3,b=1"), 2);

        Map<String, Long> counts =
                many.arrivals().stream()
                        .collect(Collectors.groupingBy(Arrival::sloClass, Collectors.counting()));
        assertEquals(0.75, counts.get("a") / (double) many.arrivals().size(), 0.02);
        assertEquals(2, counts.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a=0", "a=x", "a=1,a=2", "a=1,,b=2", "=1"})
    void aMalformedMixIsRefused(String text) {
        assertThrows(WorkloadException.class, () -> ClassMix.parse(text));
    }

    private static Arrival at(long seconds) {
        return new Arrival(seconds * 1_000_000_000L, "x", 10, 5);
    }
}
