package io.hfx.scheduler.dispatch;

import io.hfx.scheduler.policy.Waiting;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The central queue: lanes in order, in each lines that take turns, each line a total order; and
 * the times to look again.
 */
final class WaitingQueue {
    private final ToDoubleFunction<String> turns;

    /** In the order of their numbers; few. */
    private List<Lane> lanes = List.of();

    private final NavigableSet<Tracked> reviews =
            new TreeSet<>(
                    Comparator.comparingLong((Tracked t) -> t.reviewAtNanos)
                            .thenComparingLong(Tracked::id));
    private int size;
    private long promptTokens;

    /** One lane; its lines have requests. */
    private static final class Lane {
        private final int number;
        private final Map<String, NavigableSet<Tracked>> lines = new LinkedHashMap<>();
        private int size;

        Lane(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }

    /**
     * @param turns of the lines of a lane; the least is first
     */
    WaitingQueue(ToDoubleFunction<String> turns) {
        this.turns = turns;
    }

    void add(Tracked request) {
        int number = request.rank.lane();
        Lane lane = lane(number);
        if (lane == null) {
            lane = open(number);
        }
        lane.lines.computeIfAbsent(request.line, line -> new TreeSet<>(Tracked.ORDER)).add(request);
        lane.size++;
        if (request.reviewAtNanos != Long.MAX_VALUE) {
            reviews.add(request);
        }
        size++;
        promptTokens += request.request().prefillTokens();
    }

    private @Nullable Lane lane(int number) {
        for (Lane lane : lanes) {
            if (lane.number == number) {
                return lane;
            }
        }
        return null;
    }

    private Lane open(int number) {
        Lane lane = new Lane(number);
        lanes =
                Stream.concat(lanes.stream(), Stream.of(lane))
                        .sorted(Comparator.comparingInt(Lane::number))
                        .toList();
        return lane;
    }

    void remove(Tracked request) {
        if (request.reviewAtNanos != Long.MAX_VALUE) {
            reviews.remove(request);
        }
        Lane lane = lane(request.rank.lane());
        NavigableSet<Tracked> line = lane == null ? null : lane.lines.get(request.line);
        if (lane == null || line == null || !line.remove(request)) {
            throw new IllegalStateException("request " + request.id() + " does not wait");
        }
        if (line.isEmpty()) {
            lane.lines.remove(request.line);
        }
        lane.size--;
        size--;
        promptTokens -= request.request().prefillTokens();
    }

    /** Goes through a lane from its beginning. */
    Walk walk(int lane) {
        return new Walk(lane(lane));
    }

    /** Goes through the requests of a lane; each may be removed once it was given. */
    final class Walk {
        private final @Nullable Lane lane;

        /** The next of each line that was gone into; null at its end. */
        private final Map<String, @Nullable Tracked> ahead = new HashMap<>(4);

        private Walk(@Nullable Lane lane) {
            this.lane = lane;
        }

        /** The next one: of the line with the least turn, and in it by rank; null for none. */
        @Nullable Tracked next() {
            if (lane == null) {
                return null;
            }
            NavigableSet<Tracked> bestLine = null;
            Tracked best = null;
            double least = 0;
            boolean alone = lane.lines.size() == 1;
            for (Map.Entry<String, NavigableSet<Tracked>> line : lane.lines.entrySet()) {
                Tracked head = head(line.getKey(), line.getValue());
                if (head == null) {
                    continue;
                }
                double turn = alone ? 0 : turns.applyAsDouble(line.getKey());
                boolean isFirst =
                        best == null
                                || turn < least
                                || (turn == least && Tracked.ORDER.compare(head, best) < 0);
                if (isFirst) {
                    bestLine = line.getValue();
                    best = head;
                    least = turn;
                }
            }
            if (bestLine != null && best != null) {
                ahead.put(best.line, bestLine.higher(best));
            }
            return best;
        }

        /** Nobody else of this request's line is given. */
        void closeLine(Tracked request) {
            ahead.put(request.line, null);
        }

        private @Nullable Tracked head(String line, NavigableSet<Tracked> requests) {
            return ahead.containsKey(line) ? ahead.get(line) : requests.first();
        }
    }

    /** The lane after one; -1 where there is none. The first one comes after -1. */
    int laneAfter(int number) {
        for (Lane lane : lanes) {
            if (lane.number > number) {
                return lane.number;
            }
        }
        return -1;
    }

    int size() {
        return size;
    }

    int size(int number) {
        Lane lane = lane(number);
        return lane == null ? 0 : lane.size;
    }

    /** The requests of a lane in the order of their ranks; valid until one comes or leaves. */
    Iterable<Waiting> requests(int number) {
        Lane lane = lane(number);
        if (lane == null || lane.size == 0) {
            return List.of();
        }
        Iterable<Tracked> inOrder = lane.lines.values().iterator().next();
        if (lane.lines.size() > 1) {
            inOrder =
                    lane.lines.values().stream()
                            .flatMap(NavigableSet::stream)
                            .sorted(Tracked.ORDER)
                            .toList();
        }
        Iterable<Tracked> all = inOrder;
        return () -> {
            Iterator<Tracked> tracked = all.iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return tracked.hasNext();
                }

                @Override
                public Waiting next() {
                    return tracked.next().waiting;
                }
            };
        };
    }

    /** Prompt tokens of all that wait. */
    long promptTokens() {
        return promptTokens;
    }

    /** The request whose review is due first, or null. */
    @Nullable Tracked nextReview() {
        return reviews.isEmpty() ? null : reviews.first();
    }

    /** Moves the review of a waiting request. */
    void reviewAt(Tracked request, long nanos) {
        if (request.reviewAtNanos != Long.MAX_VALUE) {
            reviews.remove(request);
        }
        request.reviewAtNanos = nanos;
        if (nanos != Long.MAX_VALUE) {
            reviews.add(request);
        }
    }
}
