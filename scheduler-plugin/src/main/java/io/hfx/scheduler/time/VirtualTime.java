package io.hfx.scheduler.time;

import java.util.PriorityQueue;

/**
 * Runs tasks in the order of their time, ties in the order in which they were submitted; the clock
 * jumps from one to the next. Not thread-safe.
 */
public final class VirtualTime {
    private final PriorityQueue<Task> tasks = new PriorityQueue<>();
    private long nowNanos;
    private long submitted;

    /** Nanoseconds since the start. */
    public long nowNanos() {
        return nowNanos;
    }

    /** Runs a task at a time, which must not have passed. */
    public void at(long dueNanos, Runnable task) {
        if (dueNanos < nowNanos) {
            throw new IllegalArgumentException(dueNanos + " has passed, it is " + nowNanos);
        }
        tasks.add(new Task(dueNanos, submitted++, task));
    }

    /** Runs a task after a while. */
    public void after(long delayNanos, Runnable task) {
        at(nowNanos + delayNanos, task);
    }

    /**
     * Runs until nothing is left.
     *
     * @param mostTasks after which the run is taken for endless
     * @throws IllegalStateException if there are more
     */
    public void run(long mostTasks) {
        for (long n = 0; n < mostTasks; n++) {
            if (!runNext()) {
                return;
            }
        }
        throw new IllegalStateException(
                mostTasks + " tasks have run and " + tasks.size() + " are left");
    }

    /** Runs the next task; returns false if nothing is left. */
    public boolean runNext() {
        Task next = tasks.poll();
        if (next == null) {
            return false;
        }
        nowNanos = next.dueNanos();
        next.task().run();
        return true;
    }

    private record Task(long dueNanos, long number, Runnable task) implements Comparable<Task> {
        @Override
        public int compareTo(Task other) {
            int byTime = Long.compare(dueNanos, other.dueNanos);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }
}
