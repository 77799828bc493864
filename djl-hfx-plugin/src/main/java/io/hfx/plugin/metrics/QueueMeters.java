package io.hfx.plugin.metrics;

import io.hfx.scheduler.slo.ScoringMode;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Shows the figures of models that take whole requests. Versions of a model share its meters; so do
 * all models beyond the first {@value #MOST_MODELS}, as model {@code other}. Thread-safe.
 */
public final class QueueMeters {
    static final int MOST_MODELS = 100;
    static final int MOST_CLASSES = 32;

    private static final double[] SECONDS = {
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120
    };
    private static final double[] SIZES = {1, 2, 4, 8, 16, 32, 64, 128, 256};
    private static final ClassFigures NONE = new ClassFigures(null, null, reason -> {});

    private final Meters meters;
    private final BoundedLabels models = new BoundedLabels(MOST_MODELS);
    private final BoundedLabels classes = new BoundedLabels(MOST_CLASSES);
    private final Map<String, Group> groups = new HashMap<>();

    public QueueMeters(Meters meters) {
        this.meters = meters;
        meters.beforeScrape(this::look);
    }

    /**
     * Shows a model.
     *
     * @param queue what waits in it, by name of the class; asked by any thread
     */
    public synchronized ModelFigures add(String modelId, Supplier<Map<String, QueueLevel>> queue) {
        Group group = groups.computeIfAbsent(models.of(modelId), Group::new);
        ModelFigures figures = new ModelFigures(classes, this::newClass, group.batches(), queue);
        group.members.add(figures);
        return figures;
    }

    /** Shows a model no longer. Its figures may still be counted up. */
    public synchronized void remove(ModelFigures figures) {
        for (Group group : List.copyOf(groups.values())) {
            if (group.members.remove(figures) && group.members.isEmpty()) {
                groups.remove(group.label);
                models.release(group.label);
                meters.removeModel(group.label);
            }
        }
    }

    /** Outside the lock: looking takes that of the queue, and may show a class. */
    private void look() {
        List<Group> shown;
        synchronized (this) {
            shown = List.copyOf(groups.values());
        }
        shown.forEach(group -> group.members.forEach(ModelFigures::look));
    }

    private synchronized ClassFigures newClass(ModelFigures figures, String name) {
        for (Group group : groups.values()) {
            if (group.members.contains(figures)) {
                return group.classFigures(name);
            }
        }
        return new ClassFigures(null, null, reason -> {}); // of a model that is gone
    }

    /** The models that share a label, and their meters. */
    private final class Group {
        private final String label;
        private final Tags tags;
        private final List<ModelFigures> members = new CopyOnWriteArrayList<>();
        private final Set<String> shown = new HashSet<>();

        Group(String label) {
            this.label = label;
            this.tags = Tags.of(Meters.MODEL, label);
            count(
                    "hfx_batch_predicted_seconds_total",
                    "Time that the batches run were expected to take",
                    tags,
                    member -> member.batches().predictedSeconds());
            count(
                    "hfx_batch_error_seconds_total",
                    "Distance of predicted and measured time, summed over batches",
                    tags,
                    member -> member.batches().errorSeconds());
        }

        BatchFigures batches() {
            return new BatchFigures(
                    summary("hfx_batch_requests", "Requests in a batch", tags, SIZES),
                    summary("hfx_batch_seconds", "Measured time of a batch", tags, SECONDS));
        }

        /** Figures of a class for one member; the first shows the class. */
        ClassFigures classFigures(String name) {
            Tags tagged = tags.and("slo_class", name);
            if (shown.add(name)) {
                show(name, tagged);
            }
            return new ClassFigures(
                    summary(
                            "hfx_queue_wait_seconds",
                            "From the coming of a request to its queue to the begin of its batch",
                            tagged,
                            SECONDS),
                    summary(
                            "hfx_request_latency_seconds",
                            "From the reading of a request to its answer",
                            tagged,
                            SECONDS),
                    reason -> showReason(name, reason));
        }

        private void show(String name, Tags tagged) {
            level(
                    "hfx_queue_requests",
                    "Requests that no worker has",
                    tagged,
                    group -> group.sum(member -> member.level(name).requests()));
            level(
                    "hfx_queue_oldest_seconds",
                    "How long the oldest of them has waited",
                    tagged,
                    group -> group.oldestSeconds(name));
            count(
                    "hfx_demoted_requests_total",
                    "Requests served after they had lost their place",
                    tagged,
                    member -> known(member, name).demotedCount());
            outcome(name, "finished", ClassFigures::finishedCount);
            outcome(name, "refused", ClassFigures::refusedCount);
            outcome(name, "failed", ClassFigures::failedCount);
            outcome(name, "aborted", ClassFigures::abortedCount);
            for (ScoringMode mode : ScoringMode.values()) {
                Tags scored = tagged.and("mode", mode.name().toLowerCase(Locale.ROOT));
                count(
                        "hfx_slo_requests_total",
                        ServerMetrics.SLO_REQUESTS,
                        scored,
                        member -> known(member, name).scoredCount());
                count(
                        "hfx_slo_met_total",
                        ServerMetrics.SLO_MET,
                        scored,
                        member -> known(member, name).metCount());
            }
        }

        /** Unless all its models are gone: then nothing of it may be shown again. */
        private void showReason(String name, String reason) {
            synchronized (QueueMeters.this) {
                if (groups.get(label) == this && shown.add(name + " " + reason)) {
                    count(
                            "hfx_refused_requests_total",
                            ServerMetrics.REFUSED,
                            tags.and("slo_class", name, "reason", reason),
                            member -> known(member, name).refusedCount(reason));
                }
            }
        }

        private ClassFigures known(ModelFigures member, String name) {
            return member.ifKnown(name, NONE);
        }

        private void outcome(String name, String outcome, ToDoubleFunction<ClassFigures> figure) {
            count(
                    "hfx_requests_total",
                    ServerMetrics.REQUESTS,
                    tags.and("slo_class", name, "outcome", outcome),
                    member -> figure.applyAsDouble(known(member, name)));
        }

        private double oldestSeconds(String name) {
            return members.stream().mapToLong(m -> m.level(name).oldestNanos()).max().orElse(0)
                    / 1e9;
        }

        private double sum(ToDoubleFunction<ModelFigures> figure) {
            return members.stream().mapToDouble(figure).sum();
        }

        private void count(
                String name, String description, Tags of, ToDoubleFunction<ModelFigures> figure) {
            FunctionCounter.builder(name, this, group -> group.sum(figure))
                    .description(description)
                    .tags(of)
                    .register(meters.registry());
        }

        private void level(
                String name, String description, Tags of, ToDoubleFunction<Group> figure) {
            Gauge.builder(name, this, figure)
                    .description(description)
                    .tags(of)
                    .register(meters.registry());
        }

        private DistributionSummary summary(
                String name, String description, Tags of, double[] buckets) {
            return DistributionSummary.builder(name)
                    .description(description)
                    .tags(of)
                    .serviceLevelObjectives(buckets)
                    .register(meters.registry());
        }
    }
}
