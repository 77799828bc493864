package io.hfx.simulator.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.slo.SloClass;
import io.hfx.simulator.fleet.SimRequest;
import io.hfx.simulator.workload.Arrival;
import io.hfx.simulator.workload.WorkloadException;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TrafficTest {
    private static final Arrival ARRIVAL = new Arrival(7, "chat", 100, 60, "acme");

    private static SimRequest made(int maxTokens, OutputPrediction prediction) {
        return new Traffic(SloSets.named("hfx-4"), maxTokens, prediction)
                .of(List.of(ARRIVAL).iterator(), 1)
                .next();
    }

    @Test
    void aRequestCarriesItsClassItsLimitAndItsTenant() {
        SimRequest request = made(0, new OutputPrediction.None());
        assertEquals("chat", request.spec().sloClass().name());
        assertEquals(60, request.spec().maxTokens());
        assertEquals(0, request.spec().expectedTokens());
        assertEquals("acme", request.spec().tenant());
        assertEquals(1_000, made(1_000, new OutputPrediction.None()).spec().maxTokens());
        assertEquals(60, made(20, new OutputPrediction.None()).spec().maxTokens());
        Traffic other = new Traffic(SloSets.named("distserve"), 0, new OutputPrediction.None());
        assertEquals(
                "chat", other.of(List.of(ARRIVAL).iterator(), 1).next().spec().sloClass().name());
        Arrival unknown = new Arrival(0, "nobody", 1, 1);
        assertThrows(
                WorkloadException.class, () -> other.of(List.of(unknown).iterator(), 1).next());
    }

    @Test
    void predictionsAreTheOraclesTheClassesOrWrongByAFactor() {
        assertEquals(60, made(500, OutputPrediction.Noisy.ORACLE).spec().expectedTokens());
        assertEquals(60, made(0, new OutputPrediction.Noisy(2, 0)).spec().expectedTokens());
        assertEquals(120, made(500, new OutputPrediction.Noisy(2, 0)).spec().expectedTokens());
        OutputPrediction means = new OutputPrediction.ClassMean(Map.of("chat", 211));
        assertEquals(211, made(500, means).spec().expectedTokens());
        SplittableRandom random = new SplittableRandom(3);
        OutputPrediction noisy = new OutputPrediction.Noisy(1, 0.5);
        double log = 0;
        for (int i = 0; i < 4_000; i++) {
            log += Math.log(noisy.of(ARRIVAL, random) / 60.0);
        }
        assertEquals(0, log / 4_000, 0.03);
    }

    @Test
    void theSetsAreThoseOfThePapers() {
        assertEquals(6, SloSets.named("scorpio-6").size());
        SloClass s2 = SloSets.named("scorpio-6").get("s2");
        assertEquals(2_000_000_000L, s2.slo().ttftNanos());
        assertEquals(30_000_000L, s2.slo().tpotNanos());
        assertTrue(SloSets.named("niyama-3").get("batch-600s").slo().hasE2e());
        Map<String, SloClass> ada = SloSets.adaServe(25_000_000);
        assertEquals(30_000_000, ada.get("coding").slo().tpotNanos());
        Map<String, SloClass> tight = SloSets.slosServe(true, Map.of("chat", 60_000_000L));
        assertEquals(180_000_000, tight.get("chat").slo().ttftNanos());
        assertThrows(WorkloadException.class, () -> SloSets.named("none"));
    }
}
