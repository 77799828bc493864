package io.hfx.engine.jinja.value;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The one value whose attributes a template may set, so that loops can hand something out. */
public final class Namespace implements Dynamic {
    private final Map<String, Value> attributes;

    public Namespace(Map<String, Value> attributes) {
        this.attributes = new LinkedHashMap<>(attributes);
    }

    @Override
    public @Nullable Value attribute(String name) {
        return attributes.get(name);
    }

    /** Sets an attribute. */
    public void set(String name, Value value) {
        attributes.put(name, value);
    }

    @Override
    public String type() {
        return "Namespace";
    }
}
