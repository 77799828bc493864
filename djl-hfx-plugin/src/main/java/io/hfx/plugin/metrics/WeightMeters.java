package io.hfx.plugin.metrics;

import io.hfx.plugin.config.WeightSource;
import io.hfx.plugin.weights.WeightStatus;
import io.hfx.plugin.weights.WeightStatus.Held;
import io.hfx.plugin.weights.WeightStatus.Phase;
import io.hfx.plugin.weights.WeightStatus.Seeding;
import io.hfx.plugin.weights.WeightStatus.Transfer;
import io.hfx.plugin.weights.WeightStatus.View;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.ToDoubleFunction;

/** Shows where a model's weights came from, how long that took, and who takes them. */
public final class WeightMeters {
    private final WeightStatus status;
    private final MeterRegistry registry;
    private final Tags model;

    private WeightMeters(ServerMetrics metrics, WeightStatus status) {
        this.status = status;
        this.registry = metrics.meters().registry();
        this.model = metrics.model();
    }

    /** From now on, until the meters of the model end. */
    public static void show(ServerMetrics metrics, WeightStatus status) {
        new WeightMeters(metrics, status).show();
    }

    private void show() {
        for (Phase phase : Phase.values()) {
            gauge(
                    "hfx_start_phase_seconds",
                    "Time of a phase of the model's start, all attempts together",
                    model.and("phase", phase.label()),
                    view -> view.phaseNanos().getOrDefault(phase, 0L) / 1e9);
        }
        for (WeightSource source : WeightSource.values()) {
            gauge(
                    "hfx_weights_bytes",
                    "Memory of the weights, by the source that they came from",
                    model.and("source", source.text()),
                    view -> bytesFrom(view, source));
        }
        gauge(
                "hfx_weights_coming_bytes",
                "Good bytes of the transfer under way",
                model,
                WeightMeters::coming);
        count(
                "hfx_weights_fall_backs_total",
                "Sources of weights that were given up",
                view -> view.fallBacks().size());
        gauge("hfx_seed_links", "Links that pull weights now", model, WeightMeters::links);
        gauge(
                "hfx_seed_attached",
                "Processes of this host that share the weights now",
                model,
                WeightMeters::attached);
        count("hfx_seed_sent_bytes_total", "Bytes of weights sent", WeightMeters::sentBytes);
        count(
                "hfx_seed_refused_links_total",
                "Links that ended by a refusal or a failure",
                WeightMeters::refusedLinks);
    }

    private static double bytesFrom(View view, WeightSource source) {
        Held held = view.held();
        return held != null && held.source() == source ? held.bytes() : 0;
    }

    private static double coming(View view) {
        Transfer transfer = view.transfer();
        return transfer == null ? 0 : transfer.goodBytes();
    }

    private static double links(View view) {
        Seeding seeding = view.seeding();
        return seeding == null ? 0 : seeding.links();
    }

    private static double attached(View view) {
        Seeding seeding = view.seeding();
        return seeding == null ? 0 : seeding.attached();
    }

    private static double sentBytes(View view) {
        Seeding seeding = view.seeding();
        return seeding == null ? 0 : seeding.sentBytes();
    }

    private static double refusedLinks(View view) {
        Seeding seeding = view.seeding();
        return seeding == null ? 0 : seeding.refusedLinks();
    }

    private void gauge(String name, String description, Tags tags, ToDoubleFunction<View> figure) {
        Gauge.builder(name, status, s -> figure.applyAsDouble(s.view()))
                .description(description)
                .tags(tags)
                .strongReference(true)
                .register(registry);
    }

    private void count(String name, String description, ToDoubleFunction<View> figure) {
        FunctionCounter.builder(name, status, s -> figure.applyAsDouble(s.view()))
                .description(description)
                .tags(model)
                .register(registry);
    }
}
