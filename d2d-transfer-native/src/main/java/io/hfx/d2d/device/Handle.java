package io.hfx.d2d.device;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A handle of the native library, given back once: by {@link #close}, or when the garbage collector
 * finds its owner gone.
 */
final class Handle implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    /** Knows the number and nothing of the owner, so that it does not keep it reachable. */
    private static final class Release extends AtomicLong implements Runnable {
        private static final long serialVersionUID = 1;

        Release(long number) {
            super(number);
        }

        @Override
        public void run() {
            long number = getAndSet(0);
            if (number != 0) {
                Native.release(number);
            }
        }
    }

    private final Release release;
    private final Cleaner.Cleanable cleanable;
    private final String name;

    Handle(Object owner, long number, String name) {
        this.release = new Release(number);
        this.name = name;
        this.cleanable = CLEANER.register(owner, release);
    }

    /** Releases the number when the owner is unreachable; nobody can close it before. */
    static void releaseWith(Object owner, long number) {
        CLEANER.register(owner, new Release(number));
    }

    /**
     * The number, for one call. Another thread may close the handle meanwhile: the library then
     * refuses the number, or ends the call on the object before it is gone.
     *
     * @throws IllegalStateException after {@link #close}
     */
    long number() {
        long number = release.get();
        if (number == 0) {
            throw new IllegalStateException("the " + name + " is closed");
        }
        return number;
    }

    @Override
    public void close() {
        cleanable.clean();
    }
}
