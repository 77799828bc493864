package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.Outlook;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Running;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A worker as the dispatcher sees it, set up by hand: 1,000 KV blocks of 1 token each. */
public final class FakeWorker implements WorkerView {
    public static final long MS = 1_000_000;

    /** 1 ms a step, 1 ms a prefill token, 1 ms a decode: sums that one does in the head. */
    public static final LatencyModel LATENCY = new LatencyModel(MS, 0, MS, 0, 0, MS, 0);

    public final List<Waiting> unstarted = new ArrayList<>();
    public final List<Running> running = new ArrayList<>();
    public int decodes;
    public int requests;
    public long contextTokens;
    public long startedPrefillTokens;
    public long freeKvUnits = 1_000;
    public Outlook outlook = Outlook.NONE;
    public LatencyModel latency = LATENCY;
    private final String name;

    public FakeWorker(String name) {
        this.name = name;
    }

    @Override
    public WorkerSpec spec() {
        return new WorkerSpec(
                new WorkerId(name),
                WorkerSpec.Kind.TOKEN_LEVEL,
                new KvBudget.Blocks(1_000, 1, 1_000),
                16,
                true,
                LATENCY);
    }

    @Override
    public LatencyModel latency() {
        return latency;
    }

    @Override
    public Outlook outlook() {
        return outlook;
    }

    @Override
    public Collection<Waiting> unstarted() {
        return unstarted;
    }

    @Override
    public List<Running> running() {
        return running;
    }

    @Override
    public long unstartedPrefillTokens() {
        return unstarted.stream().mapToLong(w -> w.request().totalPromptTokens()).sum();
    }

    @Override
    public long unstartedLeftoverTokens() {
        return unstarted.stream()
                .filter(Waiting::leftover)
                .mapToLong(w -> w.request().prefillTokens())
                .sum();
    }

    @Override
    public long pendingPrefillTokens() {
        return unstartedPrefillTokens() + startedPrefillTokens;
    }

    @Override
    public int decodes() {
        return decodes;
    }

    @Override
    public long contextTokens() {
        return contextTokens;
    }

    @Override
    public int requests() {
        return requests + unstarted.size() + running.size();
    }

    @Override
    public long freeKvUnits() {
        return freeKvUnits;
    }

    @Override
    public long stepRemainingNanos() {
        return 0;
    }

    @Override
    public long stepEndNanos() {
        return Long.MIN_VALUE;
    }

    /** The fleet of these workers at a time. */
    public static FleetView fleet(long nowMillis, FakeWorker... workers) {
        return new FleetView() {
            @Override
            public long nowNanos() {
                return nowMillis * MS;
            }

            @Override
            public List<WorkerView> workers() {
                return List.of(workers);
            }

            @Override
            public int waiting() {
                return 0;
            }

            @Override
            public int waiting(int lane) {
                return 0;
            }

            @Override
            public @Nullable Waiting first(int lane) {
                return null;
            }

            @Override
            public Iterable<Waiting> requests(int lane) {
                return List.of();
            }
        };
    }
}
