package io.hfx.plugin.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import io.hfx.plugin.metrics.ClassFigures;
import io.hfx.plugin.metrics.Meters;
import io.hfx.plugin.metrics.QueueLevel;
import io.hfx.plugin.metrics.QueueMeters;
import io.hfx.plugin.trace.RequestTrace;
import io.hfx.plugin.trace.RequestTraces;
import io.hfx.plugin.trace.TraceEvent;
import io.hfx.plugin.trace.TraceJson;
import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.explain.Decision;
import io.hfx.scheduler.explain.Reason;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.whole.HfxWhole;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.ScoringMode;
import io.hfx.scheduler.slo.SequenceTimeline;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.scheduler.slo.SloScore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A queue on a clock of the test's own, with its observer. */
@SuppressWarnings("FutureReturnValueIgnored") // of a job that only counts
class QueueWatchTest {
    private static final long MS = 1_000_000;
    private static final WorkerId W0 = new WorkerId("w0");
    private static final SloClass TIGHT =
            new SloClass("tight", new Slo(Slo.NONE, Slo.NONE, 60 * MS), OnMiss.REJECT, 1);

    private final Meters meters = new Meters();
    private final RequestTraces traces = new RequestTraces(10_000);
    private final Collection<WatchedFuture<Output>> waiting = new LinkedHashSet<>();
    private final Set<WatchedFuture<Output>> taken = new HashSet<>();
    private long nowNanos = 7 * MS;
    private int sent;
    private final QueueWatch<WatchedFuture<Output>> watch =
            new QueueWatch<>(
                    "m", new TestClock(), traces, new QueueMeters(meters), future -> future);
    private final BatchScheduler<WatchedFuture<Output>> scheduler =
            new BatchScheduler<>(
                    new HfxWhole(),
                    new PolicyConfig(Map.of()),
                    new DispatcherLimits(10, 10),
                    new BatchScheduler.Outcomes<>() {
                        @Override
                        public void refused(
                                WatchedFuture<Output> job, RefusalReason reason, long retryNanos) {
                            waiting.remove(job);
                            job.complete(Refusals.output(429, "t", "text", reason.label()));
                        }

                        @Override
                        public void ready(WorkerId worker) {}

                        @Override
                        public void wakeAfter(long nanos) {}
                    },
                    watch);

    private final class TestClock implements JobQueue.Clock {
        @Override
        public long nanos() {
            return nowNanos;
        }

        @Override
        public Runnable after(long nanos, Runnable task) {
            return () -> {};
        }
    }

    QueueWatchTest() {
        watch.watch(waiting);
    }

    @AfterEach
    void close() {
        meters.close();
    }

    private WatchedFuture<Output> send(SloClass sloClass, long ageNanos) {
        WatchedFuture<Output> job = new WatchedFuture<>(new Input());
        job.requestId("r" + sent++);
        waiting.add(job);
        scheduler.add(nowNanos, job, sloClass, 3, ageNanos);
        job.whenComplete(watch.answer(job)::is);
        return job;
    }

    /** As the queue does for a worker: takes a batch, runs it, ends it. */
    private List<WatchedFuture<Output>> run(long millis, Output output) {
        List<WatchedFuture<Output>> batch = scheduler.take(W0);
        waiting.removeAll(batch);
        taken.addAll(batch);
        long predictedNanos = scheduler.predictedNanos(W0, batch.size());
        watch.began(nowNanos, W0, batch, predictedNanos);
        nowNanos += millis * MS;
        batch.forEach(job -> job.complete(output));
        scheduler.done(nowNanos, W0, millis * MS);
        watch.ended(batch.size(), predictedNanos, millis * MS, scheduler.latency(W0));
        return batch;
    }

    private ClassFigures figures(SloClass sloClass) {
        return watch.figures().of(sloClass);
    }

    @Test
    void aRequestsWayIsTakenDown() {
        scheduler.join(nowNanos, W0, 1);
        send(SloClass.BEST_EFFORT, 0);
        send(TIGHT, 2 * MS);
        assertEquals(Map.of("best-effort", 1, "tight", 1), waitingByClass());
        run(10, new Output(200, "OK"));
        run(5, new Output(200, "OK"));
        RequestTrace trace = traces.find("r1").get(0);
        List<TraceEvent> events = trace.events();
        assertEquals(
                new TraceEvent.Queued(7 * MS, 0), events.get(0), "the first was bound at once");
        assertEquals("waits busy", said(events.get(1)));
        assertEquals("bound in-time", said(events.get(2)));
        Decision bound = ((TraceEvent.Decided) events.get(2)).decision();
        assertEquals(17 * MS, bound.atNanos());
        assertEquals(W0, bound.worker());
        assertEquals(65 * MS, bound.forecast().dueNanos(), "read at 5 ms, due after 60");
        TraceEvent.Batched batched = (TraceEvent.Batched) events.get(3);
        assertEquals(17 * MS + batched.predictedNanos(), bound.forecast().firstTokenNanos());
        assertEquals(1, batched.requests());
        assertTrue(
                batched.predictedNanos() > 5 * MS && batched.predictedNanos() < 20 * MS,
                "learnt from the batch before: " + batched);
        SloScore met = SloScore.ofWhole(TIGHT.slo(), 17 * MS);
        assertEquals(new TraceEvent.Finished(22 * MS, met), events.get(4));
        assertEquals(5 * MS, trace.readAtNanos());
        assertEquals(Map.of(), waitingByClass());
    }

    /** For example {@code bound in-time}; the kind of what the scheduler did not decide. */
    private static String said(TraceEvent event) {
        if (!(event instanceof TraceEvent.Decided decided)) {
            return event.getClass().getSimpleName();
        }
        Reason reason = decided.decision().reason();
        return decided.decision().what().label() + (reason == null ? "" : " " + reason.label());
    }

    private Map<String, Integer> waitingByClass() {
        Map<String, Integer> counts = new TreeMap<>();
        watch.figures().queue().forEach((name, level) -> counts.put(name, level.requests()));
        return counts;
    }

    @Test
    void theOldestOfAClassIsTheOneThatWaitsLongest() {
        send(TIGHT, 0);
        nowNanos += 20 * MS;
        send(TIGHT, 0);
        nowNanos += 5 * MS;
        assertEquals(Map.of("tight", new QueueLevel(2, 25 * MS)), watch.figures().queue());
    }

    @Test
    void everyJobIsCountedOnceAsWhatItBecame() {
        scheduler.join(nowNanos, W0, 1);
        send(TIGHT, 0);
        run(10, new Output(200, "OK")); // met
        send(TIGHT, 55 * MS);
        run(10, new Output(200, "OK")); // an idle worker tries it, and it is late
        send(TIGHT, 0);
        run(10, new Output(500, "text of a prompt")); // failed
        WatchedFuture<Output> broken = send(TIGHT, 0);
        scheduler.take(W0);
        broken.completeExceptionally(new IllegalStateException("text of a prompt"));
        scheduler.done(nowNanos, W0, MS);
        WatchedFuture<Output> left = send(TIGHT, 0);
        scheduler.take(W0);
        left.complete(null);
        ClassFigures figures = figures(TIGHT);
        assertEquals(2, figures.finishedCount());
        assertEquals(2, figures.failedCount());
        assertEquals(1, figures.abortedCount());
        assertEquals(4, figures.scoredCount());
        assertEquals(1, figures.metCount());
        assertEquals(
                new TraceEvent.Failed(nowNanos, "IllegalStateException"),
                traces.find("r3").get(0).events().get(2));
        for (int i = 0; i < sent; i++) {
            String page = TraceJson.of(traces.find("r" + i));
            assertTrue(!page.contains("prompt\"") && !page.contains("text of"), page);
        }
    }

    @Test
    void refusalsAreCountedByReason() {
        for (int i = 0; i < 13; i++) {
            send(TIGHT, 0);
        }
        scheduler.wake(nowNanos);
        nowNanos += 70 * MS;
        scheduler.wake(nowNanos);
        ClassFigures figures = figures(TIGHT);
        assertEquals(Map.of("deadline-passed", 10L, "queue-full", 3L), figures.refusedCounts());
        assertEquals(13, figures.scoredCount());
        assertEquals(0, figures.metCount());
    }

    @Test
    void aDemotedRequestIsCountedAndSaysSo() {
        SloClass soft =
                new SloClass("soft", new Slo(60 * MS, Slo.NONE, Slo.NONE), OnMiss.DEMOTE, 1);
        scheduler.join(nowNanos, W0, 1);
        for (int i = 0; i < 20; i++) {
            send(SloClass.BEST_EFFORT, 0);
            run(50, new Output(200, "OK"));
        }
        send(SloClass.BEST_EFFORT, 0);
        scheduler.take(W0);
        send(soft, 0);
        nowNanos += 10 * MS;
        scheduler.wake(nowNanos);
        nowNanos += 40 * MS;
        scheduler.done(nowNanos, W0, 50 * MS);
        run(50, new Output(200, "OK"));
        assertEquals(1, figures(soft).demotedCount());
        assertEquals(0, figures(soft).metCount());
        assertTrue(
                traces.find("r21").get(0).events().stream()
                        .anyMatch(e -> said(e).equals("demoted late")));
    }

    @Test
    void aLostWorkersJobSaysThatItCameBack() {
        scheduler.join(nowNanos, W0, 1);
        send(TIGHT, 0);
        scheduler.lost(nowNanos, W0);
        scheduler.join(nowNanos, W0, 1);
        run(1, new Output(200, "OK"));
        List<String> kinds = new ArrayList<>();
        traces.find("r0").get(0).events().forEach(e -> kinds.add(said(e)));
        assertEquals(
                List.of(
                        "Queued",
                        "bound in-time",
                        "returned worker-lost",
                        "bound in-time",
                        "Batched",
                        "Finished"),
                kinds);
    }

    @Test
    void wholeRequestsAreScoredAsSequencesOfOneToken() {
        long seed = Long.getLong("hfx.seed", System.nanoTime());
        System.out.println("QueueWatchTest: -Dhfx.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            Slo slo = new Slo(objective(random), objective(random), objective(random));
            long e2eNanos = 1L + random.nextInt(20);
            SloScore whole = SloScore.ofWhole(slo, e2eNanos);
            assertEquals(SloScore.of(slo, new SequenceTimeline(new long[] {e2eNanos})), whole);
            for (ScoringMode mode : ScoringMode.values()) {
                assertEquals(whole.ttft() && whole.e2e(), whole.met(mode));
            }
        }
    }

    private static long objective(Random random) {
        return random.nextInt(3) == 0 ? Slo.NONE : 1L + random.nextInt(20);
    }
}
