package io.hfx.scheduler.dispatch;

import io.hfx.scheduler.policy.Waiting;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The central queue: lanes in order, each a total order, and the times to look again. */
final class WaitingQueue {
    /** In the order of their numbers; few. */
    private List<Lane> lanes = List.of();

    private final NavigableSet<Tracked> reviews =
            new TreeSet<>(
                    Comparator.comparingLong((Tracked t) -> t.reviewAtNanos)
                            .thenComparingLong(Tracked::id));
    private int size;
    private long promptTokens;

    private record Lane(int number, NavigableSet<Tracked> requests) {}

    void add(Tracked request) {
        NavigableSet<Tracked> lane = lane(request.rank.lane());
        (lane == null ? open(request.rank.lane()) : lane).add(request);
        if (request.reviewAtNanos != Long.MAX_VALUE) {
            reviews.add(request);
        }
        size++;
        promptTokens += request.request().prefillTokens();
    }

    private @Nullable NavigableSet<Tracked> lane(int number) {
        for (Lane lane : lanes) {
            if (lane.number == number) {
                return lane.requests;
            }
        }
        return null;
    }

    private NavigableSet<Tracked> open(int number) {
        Lane lane = new Lane(number, new TreeSet<>(Tracked.ORDER));
        lanes =
                Stream.concat(lanes.stream(), Stream.of(lane))
                        .sorted(Comparator.comparingInt(Lane::number))
                        .toList();
        return lane.requests;
    }

    void remove(Tracked request) {
        if (request.reviewAtNanos != Long.MAX_VALUE) {
            reviews.remove(request);
        }
        NavigableSet<Tracked> lane = lane(request.rank.lane());
        if (lane == null || !lane.remove(request)) {
            throw new IllegalStateException("request " + request.id() + " does not wait");
        }
        size--;
        promptTokens -= request.request().prefillTokens();
    }

    /**
     * The request to be asked about first from {@code lane} on, after {@code previous} if given.
     */
    @Nullable Tracked next(int lane, @Nullable Tracked previous) {
        NavigableSet<Tracked> requests = lane(lane);
        if (requests == null || requests.isEmpty()) {
            return null;
        }
        return previous == null ? requests.first() : requests.higher(previous);
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

    int size(int lane) {
        NavigableSet<Tracked> requests = lane(lane);
        return requests == null ? 0 : requests.size();
    }

    /** The requests of a lane in order; valid until one comes or leaves. */
    Iterable<Waiting> requests(int lane) {
        NavigableSet<Tracked> requests = lane(lane);
        if (requests == null) {
            return List.of();
        }
        return () -> {
            Iterator<Tracked> tracked = requests.iterator();
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
