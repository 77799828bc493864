package io.hfx.scheduler.step;

import java.util.AbstractCollection;
import java.util.Collection;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

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
        Iterator<T> each = all.iterator();
        return new Iterator<>() {
            private @Nullable T ahead;

            @Override
            public boolean hasNext() {
                while (ahead == null && each.hasNext()) {
                    T next = each.next();
                    ahead = test.test(next) ? next : null;
                }
                return ahead != null;
            }

            @Override
            public T next() {
                T next = hasNext() ? ahead : null;
                if (next == null) {
                    throw new NoSuchElementException();
                }
                ahead = null;
                return next;
            }
        };
    }

    @Override
    public boolean isEmpty() {
        return !iterator().hasNext();
    }

    @Override
    public int size() {
        int size = 0;
        for (T each : all) {
            size += test.test(each) ? 1 : 0;
        }
        return size;
    }
}
