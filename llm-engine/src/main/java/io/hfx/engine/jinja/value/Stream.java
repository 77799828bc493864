package io.hfx.engine.jinja.value;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A Python generator: always true, without length, and used up by the first who reads it. */
public final class Stream implements Value {
    private final Iterator<Value> rest;

    public Stream(List<Value> items) {
        this.rest = items.iterator();
    }

    /** The next element, or null at the end. */
    public @Nullable Value next() {
        return rest.hasNext() ? rest.next() : null;
    }

    @Override
    public boolean truthy() {
        return true;
    }

    @Override
    public String text() {
        throw new EvaluationException("a generator cannot be printed; make it a list first");
    }

    @Override
    public String type() {
        return "generator";
    }

    @Override
    public List<Value> iterate() {
        List<Value> items = new ArrayList<>();
        rest.forEachRemaining(items::add);
        return items;
    }
}
