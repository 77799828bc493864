package io.hfx.simulator.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.scheduler.explain.Decision;
import io.hfx.scheduler.explain.Forecast;
import io.hfx.scheduler.slo.Slo;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes what a run decides, one JSON object a line, in the order in which it is decided. Times are
 * virtual, in milliseconds from the start of the run; docs/simulator.md describes the fields.
 */
public final class DecisionLines implements Decision.Listener, AutoCloseable {
    private final BufferedWriter out;

    /**
     * Begins a file; one that is there is replaced.
     *
     * @throws UncheckedIOException if it cannot be written
     */
    public DecisionLines(Path file) {
        try {
            this.out = Files.newBufferedWriter(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes one line.
     *
     * @throws UncheckedIOException if it cannot be written
     */
    @Override
    public void decided(Decision decision) {
        try {
            out.write(line(decision).toString());
            out.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectNode line(Decision decision) {
        ObjectNode line =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("atMillis", millis(decision.atNanos()))
                        .put("request", decision.requestId())
                        .put("what", decision.what().label());
        if (decision.reason() != null) {
            line.put("reason", decision.reason().label());
        }
        if (decision.worker() != null) {
            line.put("worker", decision.worker().name());
        }
        if (decision.demoted()) {
            line.put("demoted", true);
        }
        Forecast forecast = decision.forecast();
        if (forecast.firstTokenNanos() != Slo.NONE) {
            line.put("predictedFirstTokenMillis", millis(forecast.firstTokenNanos()));
        }
        if (forecast.dueNanos() != Slo.NONE) {
            line.put("dueMillis", millis(forecast.dueNanos()));
        }
        return line;
    }

    /** To the microsecond. */
    private static double millis(long nanos) {
        return Math.round(nanos / 1e3) / 1e3;
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
