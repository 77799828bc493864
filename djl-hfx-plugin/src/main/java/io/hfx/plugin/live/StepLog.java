package io.hfx.plugin.live;

import io.hfx.plugin.config.ConfigException;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what every step held, how long it took, where and when, one JSON object a line: the
 * recording that {@code hfx simulate fit} reads. Stops, with a warning, when the file is full or
 * cannot be written. Each worker's steps are followed on that worker's thread; the file is shared.
 */
public final class StepLog implements LoopLog, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StepLog.class);
    private static final int MOST_STEPS = 10_000_000;

    private final Path file;
    private final Map<WorkerId, Steps> workers = new ConcurrentHashMap<>();

    /** Since 1970 when the clock of the events was at 0. */
    private final long epochNanos;

    private @Nullable BufferedWriter out;
    private int written;

    private StepLog(Path file, BufferedWriter out, long epochNanos) {
        this.file = file;
        this.out = out;
        this.epochNanos = epochNanos;
    }

    /**
     * Begins a file; one that is there is replaced.
     *
     * @throws ConfigException if it cannot be written
     */
    public static StepLog open(Path file) {
        return open(file, epochNanos());
    }

    /**
     * As above, where the clock of the events is not the machine's.
     *
     * @param epochNanos since 1970 when that clock was at 0
     */
    static StepLog open(Path file, long epochNanos) {
        try {
            return new StepLog(file, Files.newBufferedWriter(file), epochNanos);
        } catch (IOException e) {
            throw new ConfigException("hfx_step_log: " + file + " cannot be written: " + e);
        }
    }

    @Override
    public void worker(WorkerSpec worker, WorkerEvent event, List<WorkerCommand> commands) {
        Steps steps = workers.computeIfAbsent(worker.id(), id -> new Steps());
        if (event instanceof WorkerEvent.StepDone done) {
            long wallNanos = steps.wallNanos(done.atNanos());
            StepShape shape = steps.done();
            if (done.busyNanos() > 0 && !shape.isEmpty()) {
                write(shape, done, worker.id(), wallNanos);
            }
        }
        commands.forEach(command -> steps.follow(command, event.atNanos()));
    }

    private synchronized void write(
            StepShape s, WorkerEvent.StepDone done, WorkerId worker, long wallNanos) {
        if (out == null) {
            return;
        }
        try {
            out.write(
                    String.format(
                            Locale.ROOT,
                            "{\"prefillRuns\":%d,\"prefillTokens\":%d,\"attentionPairs\":%.1f,"
                                    + "\"decodes\":%d,\"contextTokens\":%d,\"nanos\":%d,"
                                    + "\"worker\":\"%s\",\"endEpochNanos\":%d%s}%n",
                            s.prefillRuns(),
                            s.prefillTokens(),
                            s.attentionPairs(),
                            s.decodes(),
                            s.contextTokens(),
                            done.busyNanos(),
                            worker.name(),
                            done.atNanos() + epochNanos,
                            overhead(wallNanos - done.busyNanos())));
            if (++written == MOST_STEPS) {
                LOG.warn("{} holds {} steps: no more are recorded", file, written);
                close();
            }
        } catch (IOException e) {
            LOG.warn("{} cannot be written, steps are no longer recorded", file, e);
            out = null;
        }
    }

    private static String overhead(long nanos) {
        return nanos < 0 ? "" : ",\"overheadNanos\":" + nanos;
    }

    private static long epochNanos() {
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - System.nanoTime();
    }

    /** Ends the file; steps that come later are not recorded. */
    @Override
    public synchronized void close() {
        try {
            if (out != null) {
                out.close();
            }
        } catch (IOException e) {
            LOG.warn("{} cannot be written to its end", file, e);
        }
        out = null;
    }

    /** What runs on one worker, and how many tokens its sequences hold. */
    private static final class Steps {
        private final Map<SequenceKey, Integer> tokens = new HashMap<>();
        private final Deque<StepPlan> suspended = new ArrayDeque<>();
        private @Nullable StepPlan running;
        private long startNanos;
        private boolean interrupted;

        void follow(WorkerCommand command, long atNanos) {
            if (command instanceof WorkerCommand.Run run) {
                running = run.plan();
                startNanos = atNanos;
                interrupted = false;
            } else if (command instanceof WorkerCommand.Suspend && running != null) {
                suspended.push(running);
                running = null;
            } else if (command instanceof WorkerCommand.Resume) {
                running = suspended.poll();
                interrupted = true;
            } else if (command instanceof WorkerCommand.Abandon) {
                running = null;
            } else if (command instanceof WorkerCommand.Release release) {
                tokens.remove(release.sequence());
            }
        }

        /** Since the running step was planned; negative where it was interrupted. */
        long wallNanos(long atNanos) {
            return interrupted ? -1 : atNanos - startNanos;
        }

        /** The step that is over: its shape, after which its sequences have grown. */
        StepShape done() {
            StepPlan plan = running;
            running = null;
            StepShape shape = StepShape.EMPTY;
            if (plan == null) {
                return shape;
            }
            for (SequenceKey key : plan.decodes()) {
                shape = shape.plusDecode(tokens.merge(key, 1, Integer::sum));
            }
            for (StepPlan.Chunk chunk : plan.chunks()) {
                shape = shape.plusChunk(chunk.fromToken(), chunk.tokens());
                int held = chunk.fromToken() + chunk.tokens();
                tokens.put(chunk.sequence(), held);
                chunk.forks().forEach(fork -> tokens.put(fork, held));
            }
            return shape;
        }
    }
}
