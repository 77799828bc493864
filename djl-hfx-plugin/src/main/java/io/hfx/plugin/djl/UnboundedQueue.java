package io.hfx.plugin.djl;

import java.util.AbstractQueue;
import java.util.Collection;
import java.util.Iterator;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A blocking queue that always has room and gives elements only to who waits for them: the methods
 * that follow from that.
 *
 * @param <E> an element
 */
abstract class UnboundedQueue<E> extends AbstractQueue<E> implements BlockingQueue<E> {
    @Override
    public void put(E element) {
        offer(element);
    }

    @Override
    public boolean offer(E element, long timeout, TimeUnit unit) {
        return offer(element);
    }

    @Override
    public @Nullable E poll() {
        return null;
    }

    @Override
    public @Nullable E peek() {
        Iterator<E> elements = iterator();
        return elements.hasNext() ? elements.next() : null;
    }

    @Override
    public int remainingCapacity() {
        return Integer.MAX_VALUE;
    }

    @Override
    public int drainTo(Collection<? super E> target) {
        return drainTo(target, Integer.MAX_VALUE);
    }
}
