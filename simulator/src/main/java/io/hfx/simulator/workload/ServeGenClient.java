package io.hfx.simulator.workload;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One client of a ServeGen pool.
 *
 * @param name its tenant
 * @param rates how its requests come
 * @param lengths how long they are; null where that is unknown
 */
record ServeGenClient(String name, ServeGenRates rates, @Nullable ServeGenLengths lengths) {
    Iterator<Arrival> stream(
            double fromSeconds,
            double toSeconds,
            double rateFactor,
            @Nullable Shape others,
            long seed) {
        boolean silent = rates.expected(fromSeconds, toSeconds) == 0;
        if (lengths == null && others == null && !silent) {
            throw new WorkloadException(name + ": its lengths are unknown, name a shape for them");
        }
        return new Requests(fromSeconds, toSeconds, rateFactor, others, seed);
    }

    /** Walks the windows, with gaps of their kinds. */
    private final class Requests implements Iterator<Arrival> {
        private final double fromSeconds;
        private final double toSeconds;
        private final double rateFactor;
        private final SplittableRandom gaps;
        private final SplittableRandom sizes;
        private final @Nullable Iterator<Arrival> others;
        private final Iterator<ServeGenRates.Window> windows;
        private ServeGenRates.@Nullable Window window;
        private DoubleSupplier unitGap = () -> 1;
        private double atSeconds;

        Requests(
                double fromSeconds,
                double toSeconds,
                double rateFactor,
                @Nullable Shape shape,
                long seed) {
            this.fromSeconds = fromSeconds;
            this.toSeconds = toSeconds;
            this.rateFactor = rateFactor;
            this.gaps = new SplittableRandom(seed);
            this.sizes = new SplittableRandom(~seed);
            this.others =
                    shape == null ? null : shape.stream(new ArrivalProcess.Poisson(), 1, ~seed);
            this.windows = rates.windows().iterator();
            enterNext();
            // Somewhere within a gap, so that a window does not start with a request.
            advance(unitGap.getAsDouble() * gaps.nextDouble());
        }

        /**
         * Goes on until so many requests were expected since the last one, through as many windows
         * as that takes: so the mean rate is kept however long the gaps.
         */
        private void advance(double expected) {
            double left = expected;
            for (ServeGenRates.Window now = window; now != null; now = window) {
                double perSecond = now.perSecond() * rateFactor;
                double room = (Math.min(toSeconds, now.endSeconds()) - atSeconds) * perSecond;
                if (left < room) {
                    atSeconds += left / perSecond;
                    return;
                }
                left -= room;
                enterNext();
            }
        }

        private void enterNext() {
            ServeGenRates.Window next = nextWindow();
            window = next;
            if (next != null) {
                atSeconds = Math.max(fromSeconds, next.startSeconds());
                unitGap = next.gaps().draw(gaps);
            }
        }

        private ServeGenRates.@Nullable Window nextWindow() {
            while (windows.hasNext()) {
                ServeGenRates.Window next = windows.next();
                boolean within = next.startSeconds() < toSeconds && next.endSeconds() > fromSeconds;
                if (within && next.perSecond() > 0) {
                    return next;
                }
            }
            return null;
        }

        @Override
        public boolean hasNext() {
            return window != null;
        }

        @Override
        public Arrival next() {
            if (window == null) {
                throw new NoSuchElementException();
            }
            long atNanos = Math.round((atSeconds - fromSeconds) * 1e9);
            Arrival arrival = draw(atNanos).of(name);
            advance(unitGap.getAsDouble());
            return arrival;
        }

        private Arrival draw(long atNanos) {
            if (lengths != null) {
                return lengths.draw(atNanos, atSeconds, Trace.UNASSIGNED, sizes);
            }
            if (others == null) {
                throw new IllegalStateException("no lengths for " + name);
            }
            return others.next().at(atNanos).in(Trace.UNASSIGNED);
        }
    }
}
