package io.hfx.plugin.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.scheduler.explain.Decision;
import io.hfx.scheduler.explain.Forecast;
import io.hfx.scheduler.explain.Reason;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.scheduler.slo.SloScore;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RequestTracesTest {
    private static final long MS = 1_000_000;
    private static final SloClass CHAT =
            new SloClass("chat", new Slo(Slo.NONE, Slo.NONE, 100 * MS), OnMiss.REJECT, 1);

    private static RequestTrace trace(String id) {
        return new RequestTrace(id, "m", CHAT, 3, 5 * MS, 0, 0);
    }

    @Test
    void theNewestAreKept() {
        RequestTraces traces = new RequestTraces(10);
        for (int i = 0; i < 25; i++) {
            traces.begin(trace("r" + i));
        }
        assertEquals(List.of(), traces.find("r14"));
        for (int i = 15; i < 25; i++) {
            assertEquals(1, traces.find("r" + i).size(), "r" + i);
        }
    }

    @Test
    void everyStageOfARequestIsFoundInItsOrder() {
        RequestTraces traces = new RequestTraces(10);
        RequestTrace first = trace("same");
        RequestTrace second = trace("same");
        traces.begin(first);
        traces.begin(trace("other"));
        traces.begin(second);
        assertEquals(List.of(first, second), traces.find("same"));
    }

    @Test
    void ofTooManyDecisionsTheFirstAndTheLatestAreKept() throws Exception {
        RequestTrace trace = trace("r");
        for (int i = 0; i < 100; i++) {
            trace.add(new TraceEvent.Queued(i, i));
        }
        trace.add(new TraceEvent.Aborted(100));
        List<TraceEvent> kept = trace.events();
        assertEquals(RequestTrace.MOST + 1, kept.size());
        assertEquals(new TraceEvent.Queued(0, 0), kept.get(0));
        assertEquals(new TraceEvent.Aborted(100), kept.get(RequestTrace.MOST));
        JsonNode job = new ObjectMapper().readTree(TraceJson.of(List.of(trace))).at("/jobs/0");
        assertEquals(101 - kept.size(), job.get("decisions_left_out").asInt());
    }

    @Test
    void noDecisionIsLostBetweenThreads() throws Exception {
        RequestTrace trace = trace("r");
        int threads = 4;
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(threads);
        for (int t = 0; t < threads; t++) {
            new Thread(
                            () -> {
                                try {
                                    go.await();
                                } catch (InterruptedException e) {
                                    return;
                                }
                                for (int i = 0; i < RequestTrace.MOST / 4; i++) {
                                    trace.add(new TraceEvent.Queued(i, i));
                                }
                                done.countDown();
                            })
                    .start();
        }
        go.countDown();
        assertTrue(done.await(30, TimeUnit.SECONDS));
        assertEquals(RequestTrace.MOST, trace.events().size());
    }

    @Test
    void anIdOfAnyLengthIsFoundByItself() {
        RequestTraces traces = new RequestTraces(2);
        String longId = "x".repeat(100_000);
        traces.begin(trace(longId));
        assertEquals(1, traces.find(longId).size());
        assertEquals(128, traces.find(longId).get(0).id().length());
    }

    @Test
    void aPageTellsTheObjectivesAndWhatBecameOfThem() throws Exception {
        RequestTrace trace = trace("r\"1");
        trace.add(new TraceEvent.Queued(6 * MS, 2));
        trace.add(
                new TraceEvent.Decided(
                        new Decision(
                                7 * MS,
                                1,
                                Decision.What.BOUND,
                                Reason.IN_TIME,
                                new WorkerId("w0"),
                                false,
                                new Forecast(28 * MS, 65 * MS))));
        trace.add(new TraceEvent.Batched(8 * MS, "w0", 4, 20 * MS));
        trace.add(new TraceEvent.Finished(30 * MS, SloScore.ofWhole(CHAT.slo(), 25 * MS)));
        JsonNode page = new ObjectMapper().readTree(TraceJson.of(List.of(trace)));
        assertEquals("r\"1", page.get("request_id").asText());
        JsonNode job = page.at("/jobs/0");
        assertEquals("chat", job.get("slo_class").asText());
        assertEquals("{\"e2e_ms\":100.0}", job.get("objectives").toString());
        assertEquals("1970-01-01T00:00:00Z", job.get("read_at").asText());
        assertEquals(
                "{\"after_ms\":2.0,\"what\":\"bound\",\"reason\":\"in-time\",\"worker\":\"w0\","
                        + "\"demoted\":false,\"predicted_ttft_ms\":23.0,\"due_ms\":60.0}",
                job.at("/decisions/1").toString());
        JsonNode batched = job.at("/decisions/2");
        assertEquals(3.0, batched.get("after_ms").asDouble());
        assertEquals(4, batched.get("batch_requests").asInt());
        assertEquals(20.0, batched.get("predicted_ms").asDouble());
        assertEquals(25.0, job.at("/decisions/3/after_ms").asDouble());
        assertTrue(job.at("/decisions/3/met/e2e").asBoolean());
        assertTrue(job.at("/decisions/3/met/ttft").isMissingNode(), "none was stated");
    }
}
