package io.hfx.plugin.server;

import io.hfx.plugin.service.ModelDirectory;
import io.hfx.plugin.service.ModelService;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The directory of a server that serves one model. */
record OneModel(String name, ModelService service) implements ModelDirectory {
    @Override
    public List<String> names() {
        return List.of(name);
    }

    @Override
    public @Nullable ModelService find(String asked) {
        return asked.equals(name) ? service : null;
    }
}
