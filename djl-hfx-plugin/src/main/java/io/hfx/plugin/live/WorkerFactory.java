package io.hfx.plugin.live;

import io.hfx.engine.executor.ExecutorSpec;
import io.hfx.engine.executor.TokenExecutor;
import io.hfx.engine.prefix.PrefixStore;
import io.hfx.scheduler.explain.Decision;
import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.kv.RestoreSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.step.StepPlanner;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes worker loops, each around an executor of its own. Any thread. */
final class WorkerFactory {
    private final LiveSettings settings;
    private final Supplier<? extends TokenExecutor> executors;
    private final List<Integer> endTokens;
    private final LongFunction<@Nullable ActiveRequest> requests;
    private final WorkerLoop.Outlet outlet;
    private final LoopLog log;
    private final @Nullable PrefixStore prefixes;
    private final Decision.Listener decisions;
    private final AtomicInteger made = new AtomicInteger();

    WorkerFactory(
            LiveSettings settings,
            Supplier<? extends TokenExecutor> executors,
            List<Integer> endTokens,
            LongFunction<@Nullable ActiveRequest> requests,
            WorkerLoop.Outlet outlet,
            LoopLog log,
            @Nullable PrefixStore prefixes,
            Decision.Listener decisions) {
        this.decisions = decisions;
        this.settings = settings;
        this.executors = executors;
        this.endTokens = List.copyOf(endTokens);
        this.requests = requests;
        this.outlet = outlet;
        this.log = log;
        this.prefixes = prefixes;
    }

    /** A name that no other worker of the model has or had. */
    WorkerId newId() {
        return new WorkerId("worker-" + made.getAndIncrement());
    }

    /** A worker with an executor of its own, which is calibrated first. */
    WorkerLoop create(WorkerId id) {
        TokenExecutor executor = executors.get();
        try {
            WorkerLoop worker = around(id, executor);
            executor.optimise();
            return worker;
        } catch (RuntimeException | Error e) {
            executor.close();
            throw e;
        }
    }

    private WorkerLoop around(WorkerId id, TokenExecutor executor) {
        ExecutorSpec e = executor.spec();
        WorkerSpec spec =
                new WorkerSpec(
                        id,
                        WorkerSpec.Kind.TOKEN_LEVEL,
                        new KvBudget.Slots(e.slots(), e.maxSequenceTokens()),
                        e.slots(),
                        true,
                        Calibration.measure(executor),
                        prefixes == null
                                ? RestoreSpec.NONE
                                : Calibration.restoring(executor, prefixes.blockTokens()));
        return new WorkerLoop(
                spec,
                new StepPlanner(spec, settings.policy().step(settings.config()), decisions),
                new StepRunner(
                        executor,
                        new TokenPicker(endTokens),
                        requests,
                        prefixes == null ? null : new WorkerPrefixes(prefixes, executor)),
                executor,
                outlet,
                log);
    }
}
