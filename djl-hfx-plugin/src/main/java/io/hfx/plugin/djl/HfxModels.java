package io.hfx.plugin.djl;

import io.hfx.plugin.service.ModelDirectory;
import io.hfx.plugin.service.ModelService;
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
    private volatile Map<String, List<ModelService>> services = Map.of();
    private volatile List<String> names = List.of();

    synchronized void add(String name, ModelService service) {
        Map<String, List<ModelService>> next = new LinkedHashMap<>(services);
        Stream<ModelService> before = next.getOrDefault(name, List.of()).stream();
        next.put(name, Stream.concat(before, Stream.of(service)).toList());
        set(next);
    }

    /** Forgets a service, which is the caller's to close; nothing where it is not known. */
    synchronized void remove(String name, ModelService service) {
        Map<String, List<ModelService>> next = new LinkedHashMap<>(services);
        List<ModelService> left =
                next.getOrDefault(name, List.of()).stream().filter(s -> s != service).toList();
        if (left.isEmpty()) {
            next.remove(name);
        } else {
            next.put(name, left);
        }
        set(next);
    }

    private void set(Map<String, List<ModelService>> next) {
        services = next;
        names = List.copyOf(next.keySet());
    }

    @Override
    public List<String> names() {
        return names;
    }

    @Override
    public @Nullable ModelService find(String name) {
        List<ModelService> found = services.get(name);
        return found == null ? null : found.get(found.size() - 1);
    }
}
