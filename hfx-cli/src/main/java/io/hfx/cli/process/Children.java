package io.hfx.cli.process;

import io.hfx.cli.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The processes that a command has started. All are ended when it is closed or the JVM goes down:
 * first asked to (SIGTERM), then made to. Thread-safe.
 */
public final class Children implements AutoCloseable {
    private static final long GRACE_SECONDS = 15;

    private final List<Process> running = new ArrayList<>();
    private final Thread onExit = new Thread(this::endAll, "end-children");
    private boolean closed;

    public Children() {
        Runtime.getRuntime().addShutdownHook(onExit);
    }

    /** Starts a process whose output goes to a log file. */
    public synchronized Process start(ProcessBuilder program, Path log) {
        if (closed) {
            throw new UserError("interrupted");
        }
        try {
            Process process =
                    program.redirectErrorStream(true).redirectOutput(log.toFile()).start();
            running.add(process);
            return process;
        } catch (IOException e) {
            throw new UserError("cannot start " + program.command().get(0) + ": " + e);
        }
    }

    /** Ends one process and waits for it. */
    public static void end(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(GRACE_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void endAll() {
        List<Process> left;
        synchronized (this) {
            closed = true;
            left = List.copyOf(running);
        }
        left.forEach(Process::destroy);
        left.forEach(Children::end);
    }

    @Override
    public void close() {
        endAll();
        try {
            Runtime.getRuntime().removeShutdownHook(onExit);
        } catch (IllegalStateException e) {
            // the JVM is going down already: the hook has run or is running
        }
    }
}
