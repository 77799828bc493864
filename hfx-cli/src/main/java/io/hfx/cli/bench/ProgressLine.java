package io.hfx.cli.bench;

import java.io.PrintWriter;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** One line on a terminal, rewritten each second; nothing where there is no terminal. */
final class ProgressLine {
    private final LoadRun run;
    private final int total;
    private final PrintWriter terminal;
    private final ScheduledExecutorService ticker =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread thread = new Thread(task, "bench-progress");
                        thread.setDaemon(true);
                        return thread;
                    });

    private ProgressLine(LoadRun run, int total, PrintWriter terminal) {
        this.run = run;
        this.total = total;
        this.terminal = terminal;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // ends with the ticker
    static ProgressLine start(LoadRun run, int total, PrintWriter terminal) {
        ProgressLine line = new ProgressLine(run, total, terminal);
        if (onTerminal()) {
            line.ticker.scheduleAtFixedRate(line::show, 1, 1, TimeUnit.SECONDS);
        }
        return line;
    }

    @SuppressWarnings("SystemConsoleNull") // from Java 22 on it shows without a terminal too
    private static boolean onTerminal() {
        return System.console() != null;
    }

    private void show() {
        LoadProgress p = run.progress();
        terminal.printf(
                "\r%d/%d due, %d open, %d completed (%d met), %d refused, %d failed   ",
                p.sent(), total, p.open(), p.completed(), p.met(), p.refused(), p.failed());
        terminal.flush();
    }

    void close() {
        ticker.shutdownNow();
        if (onTerminal()) {
            terminal.print("\r" + " ".repeat(78) + "\r");
            terminal.flush();
        }
    }
}
