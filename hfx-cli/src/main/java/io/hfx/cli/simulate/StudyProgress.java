package io.hfx.cli.simulate;

import io.hfx.simulator.scenario.Study;
import java.io.PrintWriter;
import java.util.concurrent.atomic.AtomicInteger;

/** A bar on a terminal, rewritten as runs end; nothing where there is no terminal. */
final class StudyProgress implements Study.Progress {
    private static final int WIDTH = 40;

    private final PrintWriter terminal;
    private final boolean shown;
    private final AtomicInteger expected = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();

    @SuppressWarnings("SystemConsoleNull") // from Java 22 on it shows without a terminal too
    StudyProgress(PrintWriter terminal) {
        this.terminal = terminal;
        this.shown = System.console() != null;
    }

    @Override
    public void expect(int runs) {
        expected.addAndGet(runs);
    }

    @Override
    public void done() {
        int now = done.incrementAndGet();
        if (shown) {
            int all = Math.max(now, expected.get());
            int filled = WIDTH * now / all;
            synchronized (terminal) {
                terminal.print(
                        "\r["
                                + "#".repeat(filled)
                                + "-".repeat(WIDTH - filled)
                                + "] "
                                + now
                                + "/"
                                + all
                                + " runs ");
                terminal.flush();
            }
        }
    }

    void close() {
        if (shown) {
            terminal.print("\r" + " ".repeat(WIDTH + 30) + "\r");
            terminal.flush();
        }
    }
}
