package io.hfx.plugin.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All meters of a server, those of its process included, and the text of a scrape. Thread-safe.
 *
 * <p>Inside DJL Serving the classes of Prometheus are the server's. Where they do not fit, there is
 * no scrape, and all else goes on.
 */
public final class Meters implements AutoCloseable {
    /** Content type of {@link #scrape}. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    /** Label of every meter of one model. */
    static final String MODEL = "model_name";

    private static final Logger LOG = LoggerFactory.getLogger(Meters.class);

    private final MeterRegistry registry;
    private final List<Runnable> snapshots = new CopyOnWriteArrayList<>();

    public Meters() {
        MeterRegistry found;
        try {
            found = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        } catch (LinkageError e) {
            LOG.warn("no /metrics: the Prometheus library of this server does not fit", e);
            found = new SimpleMeterRegistry();
        }
        this.registry = found;
        ProcessMeters.bindTo(registry);
    }

    MeterRegistry registry() {
        return registry;
    }

    /** Runs before every scrape, so that figures that belong together are taken together. */
    public void beforeScrape(Runnable snapshot) {
        snapshots.add(snapshot);
    }

    void notBeforeScrape(Runnable snapshot) {
        snapshots.remove(snapshot);
    }

    /** All meters in Prometheus' text format, or null where the server has no library for it. */
    public synchronized @Nullable String scrape() {
        if (!(registry instanceof PrometheusMeterRegistry prometheus)) {
            return null;
        }
        snapshots.forEach(Runnable::run);
        return prometheus.scrape();
    }

    /** Removes every meter of a model. */
    void removeModel(String modelId) {
        for (Meter meter : registry.getMeters()) {
            if (modelId.equals(meter.getId().getTag(MODEL))) {
                registry.remove(meter);
            }
        }
    }

    @Override
    public void close() {
        registry.close();
    }
}
