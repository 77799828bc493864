package io.hfx.plugin.live;

import io.hfx.engine.executor.TokenExecutor;
import io.hfx.plugin.service.ServiceStatus.WorkerStatus;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.step.StepPlanner;
import io.hfx.scheduler.step.StepTime;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that owns one worker: its step planner, its executor and the KV of its sequences. It
 * runs a slice, takes its inbox in, asks the planner, and so on; it sleeps only when the planner
 * has nothing to run.
 */
final class WorkerLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerLoop.class);
    private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

    /** What a worker tells the service, on the loop's thread. */
    interface Outlet {
        void report(StepReport report);

        /**
         * The worker is lost, its executor closed.
         *
         * @param concerned ids of the requests that it failed with
         */
        void broken(WorkerLoop worker, Set<Long> concerned, Throwable cause);
    }

    private final WorkerSpec spec;
    private final StepPlanner planner;
    private final StepRunner runner;
    private final TokenExecutor executor;
    private final Outlet outlet;
    private final LoopLog log;
    private final LinkedBlockingQueue<LongFunction<@Nullable WorkerEvent>> inbox =
            new LinkedBlockingQueue<>();
    private final Thread thread;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private boolean open = true;
    private long steps;
    private long executorCpuNanos;
    private volatile WorkerStatus status;

    WorkerLoop(
            WorkerSpec spec,
            StepPlanner planner,
            StepRunner runner,
            TokenExecutor executor,
            Outlet outlet,
            LoopLog log) {
        this.spec = spec;
        this.planner = planner;
        this.runner = runner;
        this.executor = executor;
        this.outlet = outlet;
        this.log = log;
        this.status = statusNow(0);
        this.thread = new Thread(this::run, spec.id().name());
        this.thread.setDaemon(true);
    }

    WorkerSpec spec() {
        return spec;
    }

    void start() {
        try {
            thread.start();
        } catch (Error e) { // no thread to be had
            free();
            throw e;
        }
    }

    /** Hands an event in; it is stamped when its turn comes. Any thread. */
    void tell(LongFunction<@Nullable WorkerEvent> event) {
        inbox.add(event);
    }

    /** As of the last report. Any thread. */
    WorkerStatus status() {
        return thread.isAlive() ? status : status.ended(WorkerStatus.RESTARTING);
    }

    /** Ends the loop after the running slice; then it frees its KV and closes its executor. */
    void stop() {
        inbox.add(WorkerLoop::end);
    }

    /** Completes, on the loop's thread, when its KV is free and its executor is closed. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    /** Ends the loop, and waits for that. */
    @Override
    public void close() {
        stop();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        Throwable cause = null;
        try {
            while (open) {
                if (runner.isRunning()) {
                    runSlice();
                } else {
                    take(inbox.take());
                }
            }
        } catch (InterruptedException | RuntimeException | Error e) {
            cause = e;
        }
        free();
        if (cause != null) {
            LOG.error("{} failed", spec.id().name(), cause);
            outlet.broken(this, runner.concerned(), cause);
        }
        ended.complete(null);
    }

    /** A failed executor may fail at this too. */
    private void free() {
        try {
            runner.close();
        } catch (RuntimeException | Error e) {
            LOG.warn("{} could not free all KV", spec.id().name(), e);
        }
        try {
            executor.close();
        } catch (RuntimeException | Error e) {
            LOG.warn("{} could not close its executor", spec.id().name(), e);
        }
    }

    private void runSlice() {
        long cpuNanos = CPU.getCurrentThreadCpuTime();
        boolean complete = runner.advance();
        executorCpuNanos += CPU.getCurrentThreadCpuTime() - cpuNanos;
        drain();
        if (!open) {
            return;
        }
        long atNanos = System.nanoTime();
        if (complete) {
            steps++;
            long busyNanos = runner.busyNanos();
            List<SequenceKey> ended = runner.complete();
            runner.news(atNanos).forEach(this::handle);
            tell(busyNanos, atNanos);
            handle(new WorkerEvent.StepDone(atNanos, ended, busyNanos));
        } else {
            handle(new WorkerEvent.SliceDone(atNanos, runner.slicesDone(), runner.slices()));
        }
    }

    private void tell(long busyNanos, long atNanos) {
        StepShape shape = planner.runningShape();
        if (busyNanos > 0 && !shape.isEmpty()) {
            log.stepped(new StepTime(spec.id(), shape, planner.latency(), busyNanos, atNanos));
        }
    }

    private void drain() {
        LongFunction<@Nullable WorkerEvent> next = inbox.poll();
        while (next != null && open) {
            take(next);
            next = inbox.poll();
        }
    }

    private void take(LongFunction<@Nullable WorkerEvent> next) {
        WorkerEvent event = next.apply(System.nanoTime());
        if (event == null) {
            open = false;
        } else {
            handle(runner.prepare(event));
        }
    }

    private void handle(WorkerEvent event) {
        List<WorkerCommand> commands = planner.on(event);
        log.worker(spec, event, commands);
        boolean reported = false;
        for (WorkerCommand command : commands) {
            if (command instanceof WorkerCommand.Report report) {
                outlet.report(report.report());
                reported = true;
            } else if (command instanceof WorkerCommand.Fetch fetch) {
                // Live workers cannot move KV yet, so the request goes on where it was.
                tell(at -> new WorkerEvent.Fetched(at, fetch.requestId(), false));
            } else {
                runner.carryOut(command);
            }
        }
        if (reported) {
            status = statusNow(CPU.getCurrentThreadCpuTime());
        }
    }

    private WorkerStatus statusNow(long cpuNanos) {
        return new WorkerStatus(
                spec.id().name(),
                WorkerStatus.READY,
                executor.spec().name(),
                executor.optimise().toCompletableFuture().isDone(),
                steps,
                runner.sequences(),
                executor.spec().slots(),
                runner.contextTokens(),
                cpuNanos / 1e9,
                executorCpuNanos / 1e9,
                planner.fitError());
    }

    /** Stands in the inbox for the end of the loop. */
    private static @Nullable WorkerEvent end(long atNanos) {
        return null;
    }
}
