package io.hfx.cli.clone;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Locale;

/** A transfer of weights on a terminal, one line that is rewritten; nothing without a terminal. */
final class ProgressBar {
    private static final int WIDTH = 30;

    private final String title;
    private final PrintWriter terminal;
    private boolean shown;

    ProgressBar(String title, PrintWriter terminal) {
        this.title = title;
        this.terminal = terminal;
    }

    @SuppressWarnings("SystemConsoleNull") // from Java 22 on it shows without a terminal too
    boolean shows() {
        return System.console() != null;
    }

    /**
     * @param transfer as {@code GET /hfx/weights} has it; missing while there is none
     */
    void show(JsonNode transfer) {
        long total = transfer.path("total_bytes").asLong();
        if (total > 0) {
            terminal.print("\r" + line(transfer.path("good_bytes").asLong(), total, transfer));
            terminal.flush();
            shown = true;
        }
    }

    private String line(long good, long total, JsonNode transfer) {
        int full = (int) (WIDTH * good / total);
        return String.format(
                Locale.ROOT,
                "%-8s [%s%s] %3d %% of %d MB, %.0f MB/s   ",
                title,
                "#".repeat(full),
                ".".repeat(WIDTH - full),
                100 * good / total,
                total / 1_000_000,
                transfer.path("bytes_per_second").asDouble() / 1e6);
    }

    void end() {
        if (shown) {
            terminal.print("\r" + " ".repeat(78) + "\r");
            terminal.flush();
        }
    }
}
