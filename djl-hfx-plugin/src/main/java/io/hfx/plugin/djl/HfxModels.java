package io.hfx.plugin.djl;

import io.hfx.plugin.service.ModelDirectory;
import io.hfx.plugin.service.ModelService;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The token-level models of this server. Thread-safe. */
final class HfxModels implements ModelDirectory {
    private volatile Map<String, ModelService> services = Map.of();
    private volatile List<String> names = List.of();

    /**
     * @throws IllegalStateException if there is one of that name
     */
    synchronized void add(String name, ModelService service) {
        Map<String, ModelService> next = new LinkedHashMap<>(services);
        if (next.put(name, service) != null) {
            throw new IllegalStateException("there is a model " + name);
        }
        set(next);
    }

    /** Forgets a model; returns its service, which is the caller's to close. */
    synchronized @Nullable ModelService remove(String name) {
        Map<String, ModelService> next = new LinkedHashMap<>(services);
        ModelService removed = next.remove(name);
        set(next);
        return removed;
    }

    private void set(Map<String, ModelService> next) {
        services = next;
        names = List.copyOf(next.keySet());
    }

    @Override
    public List<String> names() {
        return names;
    }

    @Override
    public @Nullable ModelService find(String name) {
        return services.get(name);
    }
}
