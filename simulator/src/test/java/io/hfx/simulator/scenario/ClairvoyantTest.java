package io.hfx.simulator.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.simulator.fleet.SimRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClairvoyantTest {
    /** A prompt token takes 1 ms, a decode 2 ms. */
    private static final LatencyModel MODEL = new LatencyModel(0, 0, 1e6, 0, 0, 2e6, 0);

    private static SimRequest request(int atMs, int promptTokens, int outputTokens, int ttftMs) {
        Slo slo = new Slo(ttftMs * 1_000_000L, 10_000_000, Slo.NONE);
        SloClass sloClass = new SloClass("c", slo, OnMiss.DEMOTE, 1);
        RequestSpec spec = new RequestSpec(0, sloClass, 3, List.of(promptTokens), 1, outputTokens);
        return new SimRequest(atMs * 1_000_000L, spec, outputTokens);
    }

    private static double bound(int workers, SimRequest... requests) {
        return new Clairvoyant(MODEL, workers)
                .attainment(List.of(requests).iterator(), 0)
                .orElseThrow();
    }

    @Test
    void oneOfTwoThatNeedTheSameTime() {
        assertEquals(0.5, bound(1, request(0, 10, 1, 10), request(0, 10, 1, 10)));
        assertEquals(1, bound(2, request(0, 10, 1, 10), request(0, 10, 1, 10)));
    }

    @Test
    void itKnowsWhatComesAndCutsWork() {
        // the long one would have to be set aside for the two short ones, and then done: it fits
        assertEquals(1, bound(1, request(0, 20, 1, 30), request(5, 4, 1, 5), request(12, 4, 1, 5)));
        // a long one that nobody can interrupt in time to finish is given up for two short ones
        assertEquals(
                2 / 3.0,
                bound(1, request(0, 20, 1, 20), request(5, 4, 1, 5), request(12, 4, 1, 5)));
    }

    @Test
    void decodesCountUntilTheLastMayBeLate() {
        // 1 + 5 x 2 ms of work by 5 + 5 x 10 ms; beside it 60 ms by 60
        assertEquals(0.5, bound(1, request(0, 1, 6, 5), request(0, 60, 1, 60)));
        assertEquals(1, bound(1, request(0, 1, 6, 5), request(0, 49, 1, 60)));
    }

    @Test
    void tooManyHaveNoAnswer() {
        List<SimRequest> many =
                Collections.nCopies(Clairvoyant.MOST_REQUESTS + 1, request(0, 1, 1, 9));
        assertTrue(new Clairvoyant(MODEL, 1).attainment(many.iterator(), 0).isEmpty());
        assertTrue(new Clairvoyant(MODEL, 1).attainment(many.iterator(), 1).isEmpty());
        List<SimRequest> most = new ArrayList<>(many.subList(1, many.size()));
        assertEquals(
                9.0 / Clairvoyant.MOST_REQUESTS,
                new Clairvoyant(MODEL, 1).attainment(most.iterator(), 0).orElseThrow());
    }
}
