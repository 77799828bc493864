package io.hfx.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.simulator.workload.Arrival;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SummaryTest {
    private static final long MILLI = 1_000_000L;
    private static final SloClass CHAT =
            new SloClass("chat", new Slo(100 * MILLI, 20 * MILLI, Slo.NONE), OnMiss.REJECT, 1);

    /** Tokens at 50, 60 and 90 ms after the arrival: mean TPOT 20 ms, largest gap 30 ms. */
    private final RequestRecord good = record(CHAT, Outcome.COMPLETED, "", 0, 10, 50, 60, 90);

    /** Due at 100 ms, first token 150 ms later, but only 90 ms after it was sent. */
    private final RequestRecord late = record(CHAT, Outcome.COMPLETED, "", 100, 160, 250, 260, 270);

    private final RequestRecord refused = record(CHAT, Outcome.REFUSED, "queue-full", 0, 1);
    private final RequestRecord cut = record(CHAT, Outcome.UNFINISHED, "streaming", 0, 1, 5, 6);
    private final RequestRecord effort =
            record(SloClass.BEST_EFFORT, Outcome.COMPLETED, "", 0, 0, 9000);

    @Test
    void whatDidNotCompleteIsMissed() {
        Summary summary =
                Summary.of(List.of(good, late, refused, cut), 2_000 * MILLI, 4_000 * MILLI);

        assertEquals(0.25, summary.attainment());
        assertEquals(
                Map.of("mean", 0.25, "tail", 0.0, "cumulative", 0.25), summary.attainmentByMode());
        assertEquals(0.5, summary.attainmentFromSend());
        assertEquals(0.5, summary.goodputPerSecond());
        assertEquals(summary.completed() / 4.0, summary.completedPerSecond());
        assertEquals(1.5, summary.goodTokensPerSecond());
        assertEquals(Map.of("queue-full", 1, "streaming", 1), summary.reasons());
        assertEquals(2, summary.completed());
        assertEquals(1, summary.refused());
        assertEquals(1, summary.unfinished());
    }

    @Test
    void latenciesAreThoseOfTheCompletedFromTheirArrival() {
        Summary summary =
                Summary.of(List.of(good, late, refused, cut), 2_000 * MILLI, 4_000 * MILLI);

        assertEquals(new Percentiles(2, 100, 50, 150, 150, 150), summary.ttftMs());
        assertEquals(new Percentiles(2, 15, 10, 20, 20, 20), summary.tpotMs());
        assertEquals(new Percentiles(4, 15, 10, 30, 30, 30), summary.itlMs());
        assertEquals(new Percentiles(2, 65, 40, 90, 90, 90), summary.ttftFromSendMs());
        assertEquals(60, summary.sendLagMs().max());
    }

    @Test
    void bestEffortStandsApart() {
        RunResult result = new RunResult(List.of(good, effort), 1000 * MILLI, 1, 0, false, 0);
        Report report = Report.of(Map.of(), result);

        assertEquals(1.0, report.overall().attainment());
        assertEquals(1, report.overall().requests());
        assertEquals(2, report.total().requests());
        assertNull(report.classes().get("best-effort").attainment());
    }

    @Test
    void theJsonHoldsTheFieldsOfItsSchema() throws Exception {
        RunResult result = new RunResult(List.of(good, effort), 1000 * MILLI, 1, 0, false, 0);
        JsonNode json =
                new JsonMapper().readTree(Report.json(Report.of(Map.of("seed", 1), result)));

        assertEquals(1.0, json.at("/classes/chat/attainment").asDouble());
        assertEquals(50, json.at("/classes/chat/ttft_ms/p99").asDouble());
        assertEquals(1, json.at("/config/seed").asInt());
        assertEquals(true, json.at("/classes/best-effort/attainment").isNull());
    }

    @Test
    void thePageHoldsItsDataAndItsLibrary() {
        RunResult result = new RunResult(List.of(good, refused), 1000 * MILLI, 1, 0, false, 0);
        HtmlReport page = new HtmlReport("title", "a </script> note");
        page.add("fcfs", Report.of(Map.of(), result), result);
        String html = page.html();

        assertEquals(-1, html.indexOf("/*DATA*/"));
        assertEquals(-1, html.indexOf("/*CHART_JS*/"));
        assertEquals(-1, html.indexOf("a </script>"));
        assertEquals(-1, html.indexOf("src="));
    }

    private static RequestRecord record(
            SloClass sloClass,
            Outcome outcome,
            String reason,
            long atMillis,
            long sentMillis,
            long... tokenMillis) {
        long[] tokenNanos = new long[tokenMillis.length];
        for (int i = 0; i < tokenNanos.length; i++) {
            tokenNanos[i] = tokenMillis[i] * MILLI;
        }
        return new RequestRecord(
                new PlannedRequest(
                        0, new Arrival(atMillis * MILLI, sloClass.name(), 5, 3), sloClass),
                outcome,
                reason,
                sentMillis * MILLI,
                tokenNanos,
                5,
                false);
    }
}
