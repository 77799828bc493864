package io.hfx.plugin.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hfx.scheduler.slo.ScoringMode;
import io.hfx.scheduler.slo.Slo;
import org.junit.jupiter.api.Test;

class SloClassesTest {
    private static SloClasses parse(String fields) {
        return SloClasses.parse(
                "{\"classes\":[{\"name\":\"chat\"" + fields + "}]}", "classes.json");
    }

    @Test
    void aClassSaysHowItsTpotIsMeant() {
        assertEquals(ScoringMode.MEAN, parse(", \"tpot_ms\": 50").all().get(0).tpotMode());
        var tail = parse(", \"tpot_ms\": 50, \"tpot_mode\": \"tail\"").all().get(0);
        assertEquals(ScoringMode.TAIL, tail.tpotMode());
        // also where a request states an objective of its own
        assertEquals(ScoringMode.TAIL, tail.with(Slo.BEST_EFFORT).tpotMode());
        var cumulative = parse(", \"tpot_mode\": \"Cumulative\"").all().get(0);
        assertEquals(ScoringMode.CUMULATIVE, cumulative.tpotMode());
    }

    @Test
    void anotherModeIsRefusedByName() {
        ConfigException e =
                assertThrows(ConfigException.class, () -> parse(", \"tpot_mode\": \"p99\""));
        assertEquals(
                "classes.json: class chat: tpot_mode must be mean, tail or cumulative, was p99",
                e.getMessage());
    }
}
