package io.hfx.scheduler.step;

import java.util.AbstractCollection;
import java.util.Collection;
import java.util.Iterator;
import java.util.function.Predicate;

/** Those of a collection that pass a test, looked for only as far as someone iterates. */
final class Filtered<T> extends AbstractCollection<T> {
    private final Collection<T> all;
    private final Predicate<T> test;

    Filtered(Collection<T> all, Predicate<T> test) {
        this.all = all;
        this.test = test;
    }

    @Override
    public Iterator<T> iterator() {
        return all.stream().filter(test).iterator();
    }

    @Override
    public boolean isEmpty() {
        return all.stream().noneMatch(test);
    }

    @Override
    public int size() {
        return (int) all.stream().filter(test).count();
    }
}
