package io.hfx.benchmarks;

import io.hfx.scheduler.dispatch.Dispatcher;
import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.whole.HfxWhole;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * A dispatcher with a fleet and a queue that stay as large as they are: each round one request
 * comes, the one that was bound first of those not started starts, and the one that started first
 * ends. Workers are alike but for what they hold and for some per cent in their fitted models;
 * deadlines are far, and spread so that a request comes in anywhere in the queue.
 */
final class DispatcherLoad {
    private static final long SEED = 1;
    private static final long MS = 1_000_000;

    /** Virtual time between two events. */
    private static final long EVENT_NANOS = 10_000;

    private static final int MOST = 1 << 20;
    private static final int CLASSES = 4;
    private static final int DEADLINES = 64;
    private static final int MODELS = 8;
    private static final int OUTPUT_TOKENS = 200;
    private static final int BLOCK_TOKENS = 16;
    private static final int BLOCKS = 4_096;

    /** Requests that a token-level worker has running. */
    private static final int RUNNING = 8;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final boolean whole;
    private final Dispatcher dispatcher;

    /** Few names of classes, each with many deadlines, as where requests state their own. */
    private final List<SloClass> classes = new ArrayList<>();

    private final Map<WorkerId, Node> nodes = new HashMap<>();
    private final Deque<Bound> unstarted = new ArrayDeque<>();
    private final Deque<Bound> running = new ArrayDeque<>();
    private final int mostBatch;
    private long lastId;
    private long nowNanos;
    private int turn;

    private record Bound(Node node, RequestSpec request) {}

    /** One worker as it reports itself. */
    private static final class Node {
        final WorkerSpec spec;
        final List<LatencyModel> models = new ArrayList<>();
        long acknowledged;
        int decodes;
        long contextTokens;
        long pendingTokens;
        long heldBlocks;

        Node(WorkerSpec spec) {
            this.spec = spec;
        }
    }

    /**
     * @param policy {@code hfx-whole} has workers of whole requests, all others token-level ones
     * @param mostBatch requests of a batch, of whole requests
     * @param waiting requests that wait all the time
     */
    DispatcherLoad(String policy, int mostBatch, int workers, int waiting) {
        this.whole = policy.equals("hfx-whole");
        this.mostBatch = mostBatch;
        Policy chosen =
                whole
                        ? new HfxWhole()
                        : Policies.named(policy, DispatcherLoad.class.getClassLoader());
        this.dispatcher =
                new Dispatcher(
                        chosen.fleet(PolicyConfig.DEFAULTS), new DispatcherLimits(MOST, MOST));
        for (int i = 0; i < DEADLINES; i++) {
            Slo slo =
                    new Slo(
                            (600 + 60 * i) * 1_000L * MS,
                            whole ? Slo.NONE : 50 * MS,
                            whole ? Slo.NONE : 100_000_000L * MS);
            classes.add(new SloClass("class-" + i % CLASSES, slo, OnMiss.DEMOTE, 1));
        }
        for (int i = 0; i < workers; i++) {
            join("worker-" + i);
        }
        fill(workers, waiting);
    }

    private void join(String name) {
        LatencyModel start =
                whole
                        ? new LatencyModel(5 * MS, MS, 0, 0, 0, 0, 0)
                        : new LatencyModel(4 * MS, 0.2 * MS, 40_000, 2, MS, 50_000, 20);
        KvBudget kv =
                whole
                        ? new KvBudget.Slots(mostBatch, 2)
                        : new KvBudget.Blocks(BLOCKS, BLOCK_TOKENS, 16_384);
        WorkerSpec.Kind kind = whole ? WorkerSpec.Kind.WHOLE : WorkerSpec.Kind.TOKEN_LEVEL;
        int most = whole ? mostBatch : 64;
        Node node = new Node(new WorkerSpec(new WorkerId(name), kind, kv, most, true, start));
        for (int i = 0; i < MODELS; i++) {
            node.models.add(noisy(start));
        }
        nodes.put(node.spec.id(), node);
        tell(new FleetEvent.WorkerJoined(nowNanos, node.spec));
    }

    private LatencyModel noisy(LatencyModel m) {
        return new LatencyModel(
                m.baseNanos() * factor(),
                m.runNanos() * factor(),
                m.tokenNanos() * factor(),
                m.pairNanos() * factor(),
                m.decodeBaseNanos() * factor(),
                m.decodeNanos() * factor(),
                m.contextNanos() * factor());
    }

    private double factor() {
        return 0.97 + 0.06 * random.nextDouble();
    }

    /** Gives every worker its share first, then lets requests come until enough wait. */
    private void fill(int workers, int waiting) {
        int most = whole ? workers * mostBatch : workers * RUNNING;
        boolean full = false;
        while (!full && running.size() < most) {
            arrive();
            full = unstarted.isEmpty();
            while (!unstarted.isEmpty()) {
                start();
            }
        }
        while (dispatcher.waiting() < waiting) {
            arrive();
        }
        for (int i = 0; i < 3 * workers; i++) {
            next();
        }
    }

    /**
     * A load by the name of its policy.
     *
     * @param policy {@code hfx-whole/8} for batches of 8
     */
    static DispatcherLoad of(String policy, int workers, int waiting) {
        String[] parts = policy.split("/", 2);
        int mostBatch = parts.length == 1 ? 1 : Integer.parseInt(parts[1]);
        return new DispatcherLoad(parts[0], mostBatch, workers, waiting);
    }

    /** The next event of the round, with what workers and clients do about it. */
    int next() {
        turn = turn == 2 ? 0 : turn + 1;
        return switch (turn) {
            case 1 -> arrive();
            case 2 -> start();
            default -> end();
        };
    }

    private int arrive() {
        SloClass sloClass = classes.get(random.nextInt(DEADLINES));
        int prompt = whole ? 1 : 64 + random.nextInt(1_000);
        int output = whole ? 1 : OUTPUT_TOKENS;
        RequestSpec request = new RequestSpec(++lastId, sloClass, 3, List.of(prompt), 1, output);
        return tell(new FleetEvent.Arrived(nowNanos, request, 0));
    }

    private int start() {
        Bound first = unstarted.poll();
        if (first == null) {
            return tell(new FleetEvent.Woken(nowNanos));
        }
        Node node = first.node;
        node.decodes++;
        node.contextTokens += first.request.totalPromptTokens();
        node.pendingTokens -= first.request.totalPromptTokens();
        node.heldBlocks += blocks(first.request);
        running.add(first);
        return report(node, List.of(first.request.id()), List.of());
    }

    private int end() {
        Bound first = running.poll();
        if (first == null) {
            return tell(new FleetEvent.Woken(nowNanos));
        }
        Node node = first.node;
        node.decodes--;
        node.contextTokens -= first.request.totalPromptTokens();
        node.heldBlocks -= blocks(first.request);
        return report(node, List.of(), List.of(first.request.id()));
    }

    private long blocks(RequestSpec request) {
        return whole ? 1 : (request.longestSequenceTokens() + BLOCK_TOKENS - 1) / BLOCK_TOKENS;
    }

    private int report(Node node, List<Long> started, List<Long> ended) {
        StepReport.Load load =
                new StepReport.Load(
                        node.decodes,
                        whole ? 0 : node.decodes,
                        whole ? 0 : node.contextTokens,
                        node.pendingTokens,
                        node.spec.kv().totalUnits() - node.heldBlocks,
                        (1 + random.nextInt(30)) * MS);
        return tell(
                new FleetEvent.Reported(
                        nowNanos,
                        new StepReport(
                                node.spec.id(),
                                node.acknowledged,
                                started,
                                ended,
                                List.of(),
                                List.of(),
                                List.of(),
                                List.of(),
                                load,
                                node.models.get(random.nextInt(MODELS)))));
    }

    /** Returns how many commands came of it. */
    private int tell(FleetEvent event) {
        nowNanos += EVENT_NANOS;
        List<FleetCommand> commands = dispatcher.on(event);
        for (FleetCommand command : commands) {
            if (command instanceof FleetCommand.Send send
                    && send.order() instanceof WorkerOrder.Bind bind) {
                Node node = Objects.requireNonNull(nodes.get(send.worker()));
                node.acknowledged = bind.number();
                node.pendingTokens += bind.request().totalPromptTokens();
                unstarted.add(new Bound(node, bind.request()));
            } else if (command instanceof FleetCommand.Refuse) {
                throw new IllegalStateException("refused: " + command);
            }
        }
        return commands.size();
    }
}
