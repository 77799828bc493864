package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.Slo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/** QLM's groups of waiting requests, and their order. */
final class QlmGroups {
    private final int mostRequests;

    /** Of those that wait, by the name of their line. */
    private final Map<String, Group> groups = new LinkedHashMap<>();

    /** That take more, by their objective. */
    private final Map<Long, Group> open = new HashMap<>();

    private final Map<Long, Group> byRequest = new HashMap<>();
    private long made;
    private boolean changed;

    private static final class Group {
        private final String name;
        private final long bucket;
        private final long firstDueNanos;
        private long lastDueNanos;
        private int taken;
        private int waiting;
        private long tokens;
        private int turn;

        Group(String name, long bucket, long dueNanos) {
            this.name = name;
            this.bucket = bucket;
            this.firstDueNanos = dueNanos;
        }

        private double tokensForOne() {
            return (double) tokens / waiting;
        }
    }

    QlmGroups(int mostRequests) {
        this.mostRequests = mostRequests;
    }

    /** A request begins to wait; those without a due time form one group. */
    void add(Waiting request) {
        long dueNanos = Due.firstTokenNanos(request, 0);
        long bucket = bucket(request, dueNanos);
        Group group = open.get(bucket);
        if (group == null) {
            group = new Group("group-" + ++made, bucket, dueNanos);
            groups.put(group.name, group);
            open.put(bucket, group);
            changed = true;
        }
        group.lastDueNanos = Math.max(group.lastDueNanos, dueNanos);
        group.taken++;
        group.waiting++;
        group.tokens += tokens(request.request());
        byRequest.put(request.request().id(), group);
        if (group.taken >= mostRequests && dueNanos != Slo.NONE) {
            open.remove(bucket);
        }
    }

    /** Objectives within a factor of the square root of two are alike. */
    private static long bucket(Waiting request, long dueNanos) {
        if (dueNanos == Slo.NONE || request.demoted()) {
            return Slo.NONE;
        }
        long nanos = Math.max(1, dueNanos - request.arrivalNanos());
        return Math.round(2 * Math.log((double) nanos) / Math.log(2));
    }

    /** It waits no longer. */
    void remove(Waiting request) {
        Group group = byRequest.remove(request.request().id());
        if (group == null) {
            return;
        }
        group.waiting--;
        group.tokens -= tokens(request.request());
        if (group.waiting == 0) {
            groups.remove(group.name);
            open.remove(group.bucket, group);
        }
    }

    /** Tokens that a request keeps its worker busy with. */
    static long tokens(RequestSpec request) {
        return request.prefillTokens() + (long) request.sequences() * request.plannedTokens();
    }

    String line(Waiting request) {
        Group group = byRequest.get(request.request().id());
        return group == null ? "" : group.name;
    }

    double turn(String line) {
        Group group = groups.get(line);
        return group == null ? 0 : group.turn;
    }

    /** Whether a group was made since they were ordered. */
    boolean isChanged() {
        return changed;
    }

    /**
     * Gives the groups their turns: those that are in time by their deadlines, and behind them, in
     * the same order, those that are given up. That is as few late requests as one queue can have
     * (Moore and Hodgson), as far as groups of unequal sizes allow.
     *
     * @param fromNanos when what leaves the queue now would have its first token
     * @param tokensPerNano at which the queue drains
     */
    void order(long fromNanos, double tokensPerNano) {
        changed = false;
        List<Group> byDue = new ArrayList<>(groups.values());
        byDue.sort(Comparator.comparingLong(group -> group.firstDueNanos));
        PriorityQueue<Group> inTime =
                new PriorityQueue<>(Comparator.comparingDouble(group -> -group.tokensForOne()));
        List<Group> late = new ArrayList<>();
        double endNanos = fromNanos;
        for (Group group : byDue) {
            inTime.add(group);
            boolean begins = endNanos <= group.firstDueNanos;
            endNanos += group.tokens / tokensPerNano;
            if (!begins || endNanos > group.lastDueNanos) {
                Group costliest = inTime.remove();
                endNanos -= costliest.tokens / tokensPerNano;
                late.add(costliest);
            }
        }
        int turn = 0;
        for (Group group : byDue) {
            group.turn = turn++;
        }
        for (Group group : late) {
            group.turn += byDue.size();
        }
    }
}
