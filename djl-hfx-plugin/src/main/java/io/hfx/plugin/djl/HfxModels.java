package io.hfx.plugin.djl;

import io.hfx.plugin.service.ModelDirectory;
import io.hfx.plugin.service.ModelService;
import io.hfx.plugin.weights.WeightStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The token-level models of this server. Of several versions of one name the one that came last is
 * found. Thread-safe.
 */
final class HfxModels implements ModelDirectory {
    private volatile Map<String, List<Served>> services = Map.of();
    private volatile List<String> names = List.of();

    private record Served(ModelService service, WeightStatus weights) {}

    synchronized void add(String name, ModelService service, WeightStatus weights) {
        Map<String, List<Served>> next = new LinkedHashMap<>(services);
        Stream<Served> before = next.getOrDefault(name, List.of()).stream();
        next.put(name, Stream.concat(before, Stream.of(new Served(service, weights))).toList());
        set(next);
    }

    /** Forgets a service, which is the caller's to close; nothing where it is not known. */
    synchronized void remove(String name, ModelService service) {
        Map<String, List<Served>> next = new LinkedHashMap<>(services);
        List<Served> left =
                next.getOrDefault(name, List.of()).stream()
                        .filter(served -> served.service != service)
                        .toList();
        if (left.isEmpty()) {
            next.remove(name);
        } else {
            next.put(name, left);
        }
        set(next);
    }

    private void set(Map<String, List<Served>> next) {
        services = next;
        names = List.copyOf(next.keySet());
    }

    @Override
    public List<String> names() {
        return names;
    }

    @Override
    public @Nullable ModelService find(String name) {
        Served last = last(name);
        return last == null ? null : last.service;
    }

    @Override
    public @Nullable WeightStatus weights(String name) {
        Served last = last(name);
        return last == null ? null : last.weights;
    }

    private @Nullable Served last(String name) {
        List<Served> found = services.get(name);
        return found == null ? null : found.get(found.size() - 1);
    }
}
