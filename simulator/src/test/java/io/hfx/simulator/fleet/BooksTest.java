package io.hfx.simulator.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hfx.engine.prefix.PrefixStats;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.SequenceTimeline;
import io.hfx.scheduler.slo.SloClass;
import java.util.List;
import org.junit.jupiter.api.Test;

class BooksTest {
    private final Books books = new Books();

    private static SimOutcome outcome(long arrivalNanos, long... tokenNanos) {
        RequestSpec spec = new RequestSpec(1, SloClass.BEST_EFFORT, 3, List.of(5), 1, 9);
        return new SimOutcome(
                new SimRequest(arrivalNanos, spec, tokenNanos.length),
                List.of(new SequenceTimeline(tokenNanos)),
                null,
                false);
    }

    @Test
    void whatIsInFlightAndHowLongItStaysAreTheSameSum() {
        books.arrived(10);
        books.arrived(20);
        books.over(outcome(10, 5, 30), 2, 50);
        books.over(outcome(20, 60), 1, 100);
        books.check();
        RunTotals totals = books.totals(0, 0, 0, 0, new PredictionErrors(), PrefixStats.NONE);
        assertEquals(40 + 80, totals.inFlightNanos());
        assertEquals(100, totals.endNanos());
        assertEquals(2, totals.completed());
        assertEquals(3, totals.outputTokens());
        assertEquals(2, totals.mostInFlight());
    }

    @Test
    void aLostRequestIsFound() {
        books.arrived(10);
        assertThrows(IllegalStateException.class, () -> books.check());
    }

    @Test
    void aWrongArrivalIsFoundByLittlesLaw() {
        books.arrived(10);
        books.over(outcome(5, 30), 1, 50);
        assertThrows(IllegalStateException.class, () -> books.check());
    }

    @Test
    void aTokenAfterTheEndIsFound() {
        books.arrived(10);
        assertThrows(IllegalStateException.class, () -> books.over(outcome(10, 41), 1, 50));
    }

    @Test
    void aRefusalIsAnEndToo() {
        books.arrived(10);
        SimRequest request = outcome(10, 1).request();
        books.over(new SimOutcome(request, List.of(), RefusalReason.QUEUE_FULL, false), 0, 10);
        books.check();
        assertEquals(
                1, books.totals(0, 0, 0, 0, new PredictionErrors(), PrefixStats.NONE).refused());
    }
}
