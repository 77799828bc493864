package io.hfx.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.simulator.workload.Arrival;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class LoadRunTest {
    private static final long SECOND = 1_000_000_000L;
    private static final SloClass LOOSE =
            new SloClass("loose", new Slo(3600 * SECOND, 250_000, Slo.NONE), OnMiss.DEMOTE, 1);

    @Test
    void everyRequestStatesItsLengthsAndItsSlo() throws Exception {
        try (FakeEndpoint endpoint = FakeEndpoint.streaming(FakeEndpoint::plain)) {
            RunResult result = run(endpoint, planned(3, 7, 5), 10);

            assertEquals(3, result.records().stream().filter(RequestRecord::completed).count());
            FakeEndpoint.Asked first = endpoint.asked().get(0);
            assertEquals("/v1/completions", first.path());
            assertEquals(7, first.body().get("prompt").size());
            assertEquals(5, first.body().get("max_tokens").asInt());
            assertTrue(first.body().get("ignore_eos").asBoolean());
            assertTrue(first.body().at("/stream_options/include_usage").asBoolean());
            assertEquals("loose", first.headers().getFirst("x-slo-class"));
            assertEquals("3600000", first.headers().getFirst("x-slo-ttft-ms"));
            assertEquals("0.25", first.headers().getFirst("x-slo-tpot-ms"));
            assertEquals(null, first.headers().getFirst("x-slo-e2e-ms"));
            assertEquals("Bearer secret", first.headers().getFirst("authorization"));
            assertNotEquals(
                    first.body().get("prompt"), endpoint.asked().get(1).body().get("prompt"));
        }
    }

    @Test
    void everyTokenIsTimed() throws Exception {
        try (FakeEndpoint endpoint = FakeEndpoint.streaming(FakeEndpoint::plain)) {
            RequestRecord record = run(endpoint, planned(1, 9, 6), 10).records().get(0);

            assertEquals(6, record.tokenNanos().length);
            assertEquals(9, record.promptTokens());
            assertTrue(record.tokenNanos()[0] >= record.sentNanos());
            assertTrue(record.sentNanos() >= record.planned().arrival().atNanos());
        }
    }

    /** Nobody is answered before everybody has asked: a client that waited would hang. */
    @Test
    void aStalledServerDelaysNoLaterRequest() throws Exception {
        int requests = 20;
        CountDownLatch all = new CountDownLatch(requests);
        FakeEndpoint.Script stall =
                (asked, out) -> {
                    all.countDown();
                    if (all.await(50, TimeUnit.SECONDS)) {
                        FakeEndpoint.plain(asked, out);
                    }
                };
        try (FakeEndpoint endpoint = FakeEndpoint.streaming(stall)) {
            RunResult result = run(endpoint, planned(requests, 4, 2), 50);

            assertEquals(
                    requests, result.records().stream().filter(RequestRecord::completed).count());
        }
    }

    @Test
    void behindTheConcurrencyLimitTimeCountsFromTheSchedule() throws Exception {
        try (FakeEndpoint endpoint = FakeEndpoint.streaming(FakeEndpoint::plain)) {
            List<PlannedRequest> planned = planned(5, 4, 2);
            RunLimits limits = new RunLimits(SECOND, 10 * SECOND, 1);
            RunResult result = run(endpoint.target(Api.COMPLETIONS), planned, limits);

            RequestRecord last = result.records().get(4);
            assertTrue(last.completed());
            assertTrue(last.sentNanos() >= result.records().get(3).tokenNanos()[1]);
            assertEquals(last.tokenNanos()[1], last.fromArrival().e2eNanos());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "429, queue-full, REFUSED, queue-full",
        "503, '', REFUSED, http-503",
        "500, '', FAILED, 'http-500 {\"error\":{}}'",
        "400, '', FAILED, 'http-400 {\"error\":{}}'"
    })
    void refusalsAndFailuresAreKeptApart(int status, String header, Outcome outcome, String why)
            throws Exception {
        try (FakeEndpoint endpoint = FakeEndpoint.saying(status, header)) {
            RequestRecord record = run(endpoint, planned(1, 4, 2), 10).records().get(0);

            assertEquals(outcome, record.outcome());
            assertEquals(why, record.reason());
            assertEquals(1, endpoint.asked().size(), "no retries");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'data: {\"error\":{\"message\":\"worker lost\"}}\n\n', stream error: worker lost",
        "'', stream ended without [DONE]",
        "'data: {oops\n\ndata: [DONE]\n\n', stream error: malformed event",
    })
    void aStreamThatEndsBadlyFailed(String ending, String reason) throws Exception {
        FakeEndpoint.Script script =
                (asked, out) -> FakeEndpoint.write(out, FakeEndpoint.text("x") + ending);
        try (FakeEndpoint endpoint = FakeEndpoint.streaming(script)) {
            RequestRecord record = run(endpoint, planned(1, 4, 2), 10).records().get(0);

            assertEquals(Outcome.FAILED, record.outcome());
            assertEquals(reason, record.reason());
        }
    }

    @Test
    void whatIsOpenAtTheEndOfTheDrainIsUnfinished() throws Exception {
        FakeEndpoint.Script never =
                (asked, out) -> {
                    FakeEndpoint.write(out, FakeEndpoint.text("x"));
                    new CountDownLatch(1).await();
                };
        try (FakeEndpoint endpoint = FakeEndpoint.streaming(never)) {
            RunLimits limits = new RunLimits(SECOND, 1, 1);
            RunResult result = run(endpoint.target(Api.COMPLETIONS), planned(3, 4, 2), limits);

            assertEquals(3, result.records().size());
            result.records().forEach(r -> assertEquals(Outcome.UNFINISHED, r.outcome()));
            assertEquals(-1, result.records().get(2).sentNanos());
        }
    }

    /** Leaves after two tokens of five, and at once from a server that never answers. */
    @Test
    void aClientThatLeavesIsCountedApart() throws Exception {
        FakeEndpoint.Script twoThenNever =
                (asked, out) -> {
                    FakeEndpoint.write(out, FakeEndpoint.text("x") + FakeEndpoint.text("x"));
                    new CountDownLatch(1).await();
                };
        Manner early = new Manner(Manner.Kind.LEAVING, 1_000_000, 0);
        Manner midway = new Manner(Manner.Kind.LEAVING, 0, 2);
        try (FakeEndpoint endpoint = FakeEndpoint.streaming(twoThenNever)) {
            RunResult result = run(endpoint, planned(4, 7, 5, early, midway), 30);

            result.records().forEach(r -> assertEquals(Outcome.ABORTED, r.outcome()));
            assertEquals("left in mid-stream", result.records().get(1).reason());
            assertEquals(2, result.records().get(1).tokenNanos().length);
            Accounting all = Accounting.byClient(result.records()).get("all");
            assertEquals(new Accounting(4, 0, 0, 0, 4, 0, 0, 0), all);
            assertEquals(0, all.lost());
        }
    }

    @Test
    void aClientThatWouldLeaveLaterHasItsAnswer() throws Exception {
        Manner late = new Manner(Manner.Kind.LEAVING, 60 * SECOND, 0);
        try (FakeEndpoint endpoint = FakeEndpoint.streaming(FakeEndpoint::plain)) {
            RunResult result = run(endpoint, planned(2, 7, 5, late, late), 30);

            result.records().forEach(r -> assertEquals(Outcome.COMPLETED, r.outcome()));
        }
    }

    /** 20 kB at 5 kB a second cannot be read in less than three. */
    @Test
    void aSlowClientTakesItsTimeAndIsNoPartOfTheSummary() throws Exception {
        Manner slow = new Manner(Manner.Kind.SLOW, 0, 0);
        FakeEndpoint.Script large =
                (asked, out) -> {
                    FakeEndpoint.write(out, FakeEndpoint.text("x".repeat(20_000)));
                    FakeEndpoint.write(out, FakeEndpoint.text("x") + "data: [DONE]\n\n");
                };
        try (FakeEndpoint endpoint = FakeEndpoint.streaming(large)) {
            RunResult result = run(endpoint, planned(2, 7, 2, slow, Manner.PATIENT), 30);

            RequestRecord slowly = result.records().get(0);
            assertEquals(Outcome.COMPLETED, slowly.outcome());
            assertTrue(slowly.tokenNanos()[1] > 3 * SECOND, slowly + "");
            Report report = Report.of(Map.of(), result);
            assertEquals(1, report.total().requests());
            assertEquals(1, report.clients().get("slow").completed());
            assertEquals(2, report.clients().get("all").due());
            assertTrue(report.text().contains("slow"), report.text());
        }
    }

    @Test
    void aSlowClientThatIsCutOffIsNoFailure() throws Exception {
        Manner slow = new Manner(Manner.Kind.SLOW, 0, 0);
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread cutter =
                    new Thread(
                            () -> {
                                try (Socket socket = server.accept()) {
                                    String chunk = FakeEndpoint.text("x");
                                    String head =
                                            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
                                                    + Integer.toHexString(chunk.length())
                                                    + "\r\n";
                                    socket.getInputStream().read();
                                    FakeEndpoint.write(
                                            socket.getOutputStream(), head + chunk + "\r\n");
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            });
            cutter.start();
            Target target =
                    new Target(
                            Target.parse("http://127.0.0.1:" + server.getLocalPort()),
                            Api.COMPLETIONS,
                            "m",
                            Optional.empty(),
                            true);
            RunLimits limits = new RunLimits(SECOND, 30 * SECOND, 1);
            RequestRecord record =
                    run(target, planned(1, 7, 2, slow, slow), limits).records().get(0);
            cutter.join();

            assertEquals(Outcome.CUT, record.outcome(), record.reason());
        }
    }

    @Test
    void aClosedPortIsAFailureOfEachRequest() throws Exception {
        FakeEndpoint endpoint = FakeEndpoint.streaming(FakeEndpoint::plain);
        Target target = endpoint.target(Api.COMPLETIONS);
        endpoint.close();

        RunResult result = run(target, planned(2, 4, 2), new RunLimits(SECOND, 10 * SECOND, 9));

        result.records().forEach(r -> assertEquals(Outcome.FAILED, r.outcome()));
        assertEquals(2, result.records().size());
    }

    @Test
    void anInterruptedRunGivesWhatThereIs() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        FakeEndpoint.Script never =
                (a, out) -> {
                    asked.countDown();
                    new CountDownLatch(1).await();
                };
        try (FakeEndpoint endpoint = FakeEndpoint.streaming(never)) {
            LoadRun run =
                    new LoadRun(
                            endpoint.target(Api.COMPLETIONS),
                            Prompt.TokenIds.COMMON,
                            planned(1, 4, 2),
                            new RunLimits(3600 * SECOND, 0, 5),
                            1);
            Thread stopper =
                    new Thread(
                            () -> {
                                try {
                                    asked.await();
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                                run.interrupt();
                            });
            stopper.start();
            RunResult result = run.execute();

            assertTrue(result.interrupted());
            assertEquals(Outcome.UNFINISHED, result.records().get(0).outcome());
        }
    }

    @Test
    void chatPromptsAreCalibratedByWhatTheServerCounts() throws Exception {
        FakeEndpoint.Script twoPerWord =
                (asked, out) -> {
                    String words = asked.body().at("/messages/0/content").asText();
                    int tokens = 11 + 2 * words.split(" ").length;
                    String delta = "{\"choices\":[{\"delta\":{%s}}]}\n\n";
                    FakeEndpoint.write(
                            out,
                            "data: "
                                    + String.format(
                                            delta, "\"role\":\"assistant\",\"content\":\"\""));
                    FakeEndpoint.write(out, "data: " + String.format(delta, "\"content\":\"x\""));
                    FakeEndpoint.write(out, FakeEndpoint.usage(tokens, 1) + "data: [DONE]\n\n");
                };
        try (FakeEndpoint endpoint = FakeEndpoint.streaming(twoPerWord)) {
            LoadTest test =
                    new LoadTest(
                            endpoint.target(Api.CHAT),
                            planned(1, 101, 1),
                            new RunLimits(SECOND, 10 * SECOND, 5),
                            1);
            RunResult result =
                    test.run(new PrintWriter(Writer.nullWriter()), new CountDownLatch(0));

            assertEquals(101, result.records().get(0).promptTokens());
            assertEquals(1, result.records().get(0).tokenNanos().length);
        }
    }

    private static RunResult run(FakeEndpoint endpoint, List<PlannedRequest> planned, int seconds)
            throws InterruptedException {
        return run(
                endpoint.target(Api.COMPLETIONS),
                planned,
                new RunLimits(SECOND, seconds * SECOND, 1000));
    }

    private static RunResult run(Target target, List<PlannedRequest> planned, RunLimits limits)
            throws InterruptedException {
        return new LoadRun(target, Prompt.TokenIds.COMMON, planned, limits, 1).execute();
    }

    private static List<PlannedRequest> planned(
            int requests, int promptTokens, int outputTokens, Manner even, Manner odd) {
        return planned(requests, promptTokens, outputTokens).stream()
                .map(
                        p ->
                                new PlannedRequest(
                                        p.index(),
                                        p.arrival(),
                                        p.sloClass(),
                                        p.index() % 2 == 0 ? even : odd))
                .toList();
    }

    private static List<PlannedRequest> planned(int requests, int promptTokens, int outputTokens) {
        List<PlannedRequest> planned = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            Arrival arrival = new Arrival(0, "loose", promptTokens, outputTokens);
            planned.add(new PlannedRequest(i, arrival, LOOSE));
        }
        return planned;
    }
}
