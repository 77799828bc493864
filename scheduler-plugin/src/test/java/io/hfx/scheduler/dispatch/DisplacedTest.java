package io.hfx.scheduler.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A long overload in which long prompts lose their places to short ones, under {@code hfx}. */
class DisplacedTest {
    private static final long MS = 1_000_000;
    private static final int LEFTOVER = 5;

    /** Events between which a worker hears and tells nothing: a message takes its time. */
    private static final int SILENT = 3;

    /** 1 ms a prefill token, nothing else. */
    private static final LatencyModel LATENCY = new LatencyModel(0, 0, MS, 0, 0, 0, 0);

    private final Map<WorkerId, Node> nodes = new LinkedHashMap<>();
    private final Set<Long> unanswered = new TreeSet<>();
    private final Map<Long, String> answers = new HashMap<>();
    private final Dispatcher dispatcher =
            new Dispatcher(
                    Policies.named("hfx", DisplacedTest.class.getClassLoader())
                            .fleet(PolicyConfig.DEFAULTS),
                    new DispatcherLimits(1_000, LEFTOVER));
    private long nowNanos;
    private long lastId;
    private int recalled;
    private int wentOn;

    /** A worker that serves what keeps its place first, one request at a time. */
    private final class Node {
        final WorkerId id;
        final List<WorkerOrder> unheard = new ArrayList<>();
        final Map<Long, RequestSpec> waiting = new LinkedHashMap<>();
        final Set<Long> demoted = new HashSet<>();
        final List<Progress> handedBack = new ArrayList<>();

        /** As the dispatcher knows of them. */
        final Set<Long> displaced = new HashSet<>();

        final Set<Long> calledBack = new HashSet<>();
        long acknowledged;
        long running;

        Node(WorkerId id) {
            this.id = id;
        }

        void told(WorkerOrder order) {
            unheard.add(order);
            if (order instanceof WorkerOrder.Demote) {
                displaced.add(order.requestId());
            } else if (order instanceof WorkerOrder.Recall && displaced.remove(order.requestId())) {
                calledBack.add(order.requestId());
                recalled++;
            }
        }

        void hear() {
            for (WorkerOrder order : unheard) {
                acknowledged = order.number();
                if (order instanceof WorkerOrder.Bind bind) {
                    waiting.put(bind.requestId(), bind.request());
                    if (bind.demoted()) {
                        demoted.add(bind.requestId());
                    }
                } else if (order instanceof WorkerOrder.Demote) {
                    demoted.add(order.requestId());
                } else if (waiting.remove(order.requestId()) != null) {
                    handedBack.add(new Progress(order.requestId(), List.of(0)));
                }
            }
            unheard.clear();
        }

        /** Ends what runs, starts the next, and reports both after the silence. */
        void step() {
            List<Long> ended = running == 0 ? List.of() : List.of(running);
            running = next();
            List<Long> started = running == 0 ? List.of() : List.of(running);
            long tokens = running == 0 ? 0 : waiting.get(running).totalPromptTokens();
            waiting.remove(running);
            List<Progress> back = List.copyOf(handedBack);
            handedBack.clear();
            long pending = waiting.values().stream().mapToLong(r -> r.totalPromptTokens()).sum();
            StepReport.Load load = new StepReport.Load(0, 0, 0, pending, 1_000_000, tokens * MS);
            StepReport report =
                    new StepReport(
                            id,
                            acknowledged,
                            started,
                            ended,
                            back,
                            List.of(),
                            List.of(),
                            List.of(),
                            load,
                            LATENCY);
            started.forEach(this::wentOn);
            displaced.removeAll(started);
            back.forEach(progress -> calledBack.remove(progress.requestId()));
            tell(new FleetEvent.Reported(nowNanos, report));
        }

        private void wentOn(long requestId) {
            wentOn += calledBack.remove(requestId) ? 1 : 0;
        }

        private long next() {
            long first = 0;
            for (long request : waiting.keySet()) {
                if (!demoted.contains(request)) {
                    return request;
                }
                first = first == 0 ? request : first;
            }
            return first;
        }
    }

    private void tell(FleetEvent event) {
        for (FleetCommand command : dispatcher.on(event)) {
            if (command instanceof FleetCommand.Send send) {
                nodes.get(send.worker()).told(send.order());
            } else if (command instanceof FleetCommand.Refuse refuse) {
                assertEquals(RefusalReason.QUEUE_FULL, refuse.reason());
                assertTrue(refuse.retryAfterNanos() > 0, "when to come again");
                answer(refuse.requestId(), "refused");
            } else if (command instanceof FleetCommand.Forget forget) {
                answer(forget.requestId(), "served");
            }
        }
    }

    private void answer(long id, String how) {
        assertTrue(unanswered.remove(id), id + " " + how + " and " + answers.get(id));
        answers.put(id, how);
    }

    private void arrive(SloClass sloClass, int tokens) {
        long id = ++lastId;
        unanswered.add(id);
        RequestSpec request = new RequestSpec(id, sloClass, 3, List.of(tokens), 1, 1);
        tell(new FleetEvent.Arrived(nowNanos, request, 0));
    }

    private static SloClass within(long millis) {
        Slo slo = new Slo(millis * MS, Slo.NONE, Slo.NONE);
        return new SloClass("c" + millis, slo, OnMiss.DEMOTE, 1);
    }

    @Test
    void noMoreOfThemThanMayWaitLieOnTheWorkers() {
        int tooLate = 0;
        for (long seed = 1; seed <= 10; seed++) {
            DisplacedTest run = new DisplacedTest();
            run.overload(seed);
            run.drain("seed " + seed);
            assertTrue(run.recalled > 0, "seed " + seed + ": the bound was never reached");
            tooLate += run.wentOn;
        }
        assertTrue(tooLate > 0, "no recall came too late");
    }

    private void overload(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 2; i++) {
            join(new WorkerId("w" + i));
        }
        for (int i = 0; i < 2_000; i++) {
            nowNanos += 20 * MS;
            if (random.nextInt(3) == 0) {
                arrive(within(3_000), 300 + random.nextInt(300));
            } else {
                arrive(within(400 + random.nextInt(400)), 20 + random.nextInt(40));
            }
            check("seed " + seed + ", event " + i);
            if (i % SILENT == 0) {
                for (Node node : nodes.values()) {
                    if (random.nextBoolean()) {
                        node.step();
                        check("seed " + seed + ", report " + i);
                    }
                    node.hear();
                }
            }
        }
    }

    private void join(WorkerId id) {
        nodes.put(id, new Node(id));
        KvBudget kv = new KvBudget.Blocks(1_000_000, 1, 5_000);
        WorkerSpec.Kind kind = WorkerSpec.Kind.TOKEN_LEVEL;
        tell(new FleetEvent.WorkerJoined(nowNanos, new WorkerSpec(id, kind, kv, 8, true, LATENCY)));
    }

    private void check(String where) {
        int displaced = nodes.values().stream().mapToInt(node -> node.displaced.size()).sum();
        assertTrue(
                dispatcher.waiting() + displaced <= LEFTOVER,
                where + ": " + dispatcher.waiting() + " wait, " + displaced + " were displaced");
    }

    private void drain(String where) {
        for (int i = 0; i < 200; i++) {
            nowNanos += 20 * MS;
            for (Node node : nodes.values()) {
                node.hear();
                node.step();
            }
        }
        assertEquals(Set.of(), unanswered, where);
        assertEquals(lastId, answers.size(), where);
        assertEquals(0, dispatcher.waiting() + dispatcher.bound(), where);
    }
}
