package io.hfx.simulator.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.simulator.scenario.Entrant;
import io.hfx.simulator.scenario.RunResult;
import io.hfx.simulator.scenario.Scenarios;
import io.hfx.simulator.scenario.Score;
import io.hfx.simulator.scenario.Study;
import io.hfx.simulator.scenario.StudyPlan;
import io.hfx.simulator.scenario.Sweep;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class StudyReportTest {
    private static final Score.Spread NONE = new Score.Spread(0, 0, 0, 0);

    @SuppressWarnings("NullAway.Init") // before all
    private static StudyReport report;

    @BeforeAll
    static void study() throws InterruptedException {
        StudyPlan plan =
                new StudyPlan(
                        Scenarios.find(
                                "smoke", Map.of("run.seconds", "5", "run.rates", "[0.5, 1.0]")),
                        null,
                        List.of(
                                Entrant.of("hfx", Map.of("margin", "0.8")),
                                Entrant.of("sarathi", Map.of())),
                        List.of(1L, 2L),
                        List.of(Sweep.parse("delay=0,20")),
                        1,
                        true);
        report =
                StudyReport.of(
                        Study.of(plan, 2, new Study.Progress() {}),
                        new Produced("c0ffee", "17", 2, 1, 1));
    }

    @Test
    void theJsonHasItsSchema() throws IOException {
        JsonNode json = new ObjectMapper().readTree(report.json());

        assertEquals(1, json.get("schema").asInt());
        assertEquals("smoke", json.at("/scenario/name").asText());
        assertTrue(json.get("referencePerSecond").asDouble() > 1);
        assertEquals("c0ffee", json.at("/produced/commit").asText());
        assertEquals(8, json.get("runs").size(), "two policies, two rates, two seeds");
        assertEquals("0.8", json.at("/policies/hfx/settings/margin").asText());
        for (String policy : List.of("hfx", "sarathi")) {
            JsonNode p = json.at("/policies/" + policy);
            for (String field : List.of("goodput90", "goodput95", "goodput99")) {
                assertTrue(p.get(field).isNumber(), field);
            }
            for (String rate : List.of("0.5", "1.0")) {
                for (String field : List.of("attainment", "minClass", "tailAttainment")) {
                    double share = p.at("/" + field + "/" + rate).asDouble(-1);
                    assertTrue(share >= 0 && share <= 1, field + " " + share);
                }
                assertTrue(p.at("/attainmentCi/" + rate).isNumber());
                double mape = p.at("/modelMape/" + rate).asDouble();
                assertTrue(mape > 0 && mape < 0.1, "noise is 3 %, error " + mape);
                double bias = p.at("/modelBias/" + rate).asDouble();
                assertTrue(bias != 0 && Math.abs(bias) <= mape, "bias " + bias);
                assertEquals(0, p.at("/cachedShare/" + rate).asDouble(-1), "no cache");
                assertTrue(p.at("/latencyMillis/ttftP99/" + rate).asDouble() > 0);
                assertTrue(p.at("/overHfx/" + rate + "/mean").isNumber());
            }
            assertTrue(json.at("/sweeps/delay/20/" + policy + "/attainment/mean").isNumber());
        }
        assertEquals(0, json.at("/policies/hfx/overHfx/1.0/mean").asDouble());
        assertTrue(json.at("/bounds/unlimitedFleet").asDouble() > 0.5);
        assertFalse(new ObjectMapper().readTree(report.summary().json()).has("runs"));
    }

    @Test
    void thePageNeedsNothingElse() {
        String page = HtmlPage.of(report);

        assertTrue(page.contains("<!doctype html>"));
        assertTrue(page.contains("\"goodput90\""), "the figures");
        assertTrue(page.contains("c0ffee"), "the commit");
        assertTrue(page.contains("https://d3js.org v7.9.0"), "the library, with its notice");
        assertFalse(page.contains("/*D" + "ATA*/") || page.contains("/*PAGE*/"), "placeholders");
        assertFalse(page.matches("(?s).*<(script|link|img)[^>]*(src|href)=.*"), "loads something");
    }

    @Test
    void tablesHaveARowForEachPolicy() {
        assertEquals(3, TextTables.attainment(report).size());
        assertEquals(
                List.of("policy", "0.5x", "1.0x"), List.of(TextTables.minClass(report).get(0)));
        assertEquals(
                List.of("delay", "0", "20"), List.of(TextTables.sweep(report, "delay").get(0)));
        assertEquals(List.of("hfx", "0.0 %", "0.0 %"), List.of(TextTables.cached(report).get(1)));
        assertEquals(
                List.of("hfx", "0.0 %", "0.0 %"),
                List.of(TextTables.sweptCache(report, "delay").get(1)));
    }

    @Test
    void intervalsAreStudents() {
        Interval interval = Interval.of(1, 2, 3);
        assertEquals(2, interval.mean());
        assertEquals(4.303 / Math.sqrt(3), interval.halfWidth(), 1e-3);
        assertEquals(0, Interval.of(5).halfWidth());
    }

    @Test
    void goodputLiesWhereTheCurveFallsThrough() {
        List<RunResult> runs = List.of(run(10, 0.99), run(20, 0.95), run(30, 0.75), run(40, 0.99));
        assertEquals(22.5, Goodput.at(runs, 0.9), 1e-9);
        assertEquals(20, Goodput.at(runs, 0.95), 1e-9);
        assertEquals(0, Goodput.at(runs, 0.995));
        assertEquals(40, Goodput.at(runs, 0.5), "the whole grid holds it");
    }

    private static RunResult run(double perSecond, double attainment) {
        Score score = new Score(1, 1, 0, attainment, 0, 0, NONE, NONE, NONE, NONE);
        return new RunResult(
                "p", perSecond / 10, perSecond, 1, score, Map.of(), 0, 0, 0, 0, 0, 0, 1, 1);
    }
}
