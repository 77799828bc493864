package io.hfx.plugin.metrics;

import io.hfx.scheduler.slo.SloClass;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** The figures of one model that takes whole requests, as {@link QueueMeters} made it. */
public final class ModelFigures {
    private final Map<String, ClassFigures> classes = new ConcurrentHashMap<>();
    private final BoundedLabels names;
    private final BiFunction<ModelFigures, String, ClassFigures> newClass;
    private final BatchFigures batches;
    private final Supplier<Map<String, QueueLevel>> queue;
    private volatile Map<String, QueueLevel> levels = Map.of();

    ModelFigures(
            BoundedLabels names,
            BiFunction<ModelFigures, String, ClassFigures> newClass,
            BatchFigures batches,
            Supplier<Map<String, QueueLevel>> queue) {
        this.names = names;
        this.newClass = newClass;
        this.batches = batches;
        this.queue = queue;
    }

    /** The figures of a class. */
    public ClassFigures of(SloClass sloClass) {
        ClassFigures known = classes.get(sloClass.name());
        return known == null ? add(names.of(sloClass.name())) : known;
    }

    private ClassFigures add(String name) {
        return classes.computeIfAbsent(name, n -> newClass.apply(this, n));
    }

    /** By name of the class, the rest of too many under {@code other}. */
    public Map<String, ClassFigures> classes() {
        return new TreeMap<>(classes);
    }

    public BatchFigures batches() {
        return batches;
    }

    /** What waits now, by name of the class. */
    public Map<String, QueueLevel> queue() {
        Map<String, QueueLevel> bounded = new TreeMap<>();
        queue.get()
                .forEach((name, level) -> bounded.merge(names.of(name), level, QueueLevel::plus));
        return bounded;
    }

    /** Takes a look at the queue, for the scrape that follows. */
    void look() {
        levels = queue();
        levels.keySet().forEach(this::add);
    }

    QueueLevel level(String className) {
        return levels.getOrDefault(className, QueueLevel.EMPTY);
    }

    ClassFigures ifKnown(String className, ClassFigures otherwise) {
        return classes.getOrDefault(className, otherwise);
    }
}
