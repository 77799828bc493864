package io.hfx.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** A process of ours that runs until its input ends. */
public final class Child {
    private static final long END_WITHIN_SECONDS = 10;

    private Child() {}

    /** Ends its input and waits for its end; one that does not end within ten seconds is killed. */
    public static void end(Process process) throws IOException {
        process.outputWriter(StandardCharsets.UTF_8).close();
        try {
            if (!process.waitFor(END_WITHIN_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
