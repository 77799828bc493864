package io.hfx.simulator.workload;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;
import java.util.function.UnaryOperator;

/** Streams of arrivals, ascending in time, put together and cut without being held in memory. */
public final class Streams {
    private Streams() {}

    /** All of them in the order of their times; ties in the order of the streams. */
    public static Iterator<Arrival> merge(List<Iterator<Arrival>> streams) {
        PriorityQueue<Head> heads =
                new PriorityQueue<>(
                        Comparator.comparingLong((Head h) -> h.arrival().atNanos())
                                .thenComparingInt(Head::stream));
        List<Iterator<Arrival>> all = new ArrayList<>(streams);
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).hasNext()) {
                heads.add(new Head(all.get(i).next(), i));
            }
        }
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return !heads.isEmpty();
            }

            @Override
            public Arrival next() {
                Head head = heads.remove();
                if (all.get(head.stream()).hasNext()) {
                    heads.add(new Head(all.get(head.stream()).next(), head.stream()));
                }
                return head.arrival();
            }
        };
    }

    private record Head(Arrival arrival, int stream) {}

    /** The first so many. */
    public static Iterator<Arrival> first(long requests, Iterator<Arrival> stream) {
        return new Iterator<>() {
            private long left = requests;

            @Override
            public boolean hasNext() {
                return left > 0 && stream.hasNext();
            }

            @Override
            public Arrival next() {
                if (left-- <= 0) {
                    throw new NoSuchElementException();
                }
                return stream.next();
            }
        };
    }

    /** Those that arrive in the first so many nanoseconds. */
    public static Iterator<Arrival> until(long endNanos, Iterator<Arrival> stream) {
        return new Cut(endNanos, stream);
    }

    /** Each of them changed, but not in its time. */
    public static Iterator<Arrival> map(UnaryOperator<Arrival> change, Iterator<Arrival> stream) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return stream.hasNext();
            }

            @Override
            public Arrival next() {
                return change.apply(stream.next());
            }
        };
    }

    private static final class Cut implements Iterator<Arrival> {
        private final long endNanos;
        private final Iterator<Arrival> stream;
        private final List<Arrival> ahead = new ArrayList<>(1);

        Cut(long endNanos, Iterator<Arrival> stream) {
            this.endNanos = endNanos;
            this.stream = stream;
            look();
        }

        private void look() {
            if (stream.hasNext()) {
                Arrival next = stream.next();
                if (next.atNanos() < endNanos) {
                    ahead.add(next);
                }
            }
        }

        @Override
        public boolean hasNext() {
            return !ahead.isEmpty();
        }

        @Override
        public Arrival next() {
            if (ahead.isEmpty()) {
                throw new NoSuchElementException();
            }
            Arrival arrival = ahead.remove(0);
            look();
            return arrival;
        }
    }
}
