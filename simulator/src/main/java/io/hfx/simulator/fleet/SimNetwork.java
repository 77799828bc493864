package io.hfx.simulator.fleet;

import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.time.VirtualTime;
import java.util.ArrayList;
import java.util.List;

/**
 * KV transfers between workers. Each worker has a link out and a link in; what goes over a link at
 * the same time shares it evenly, and a transfer runs at the lesser of its two shares. (Not max-min
 * fair: what one link leaves unused is not given to the other transfers.)
 */
final class SimNetwork {
    private static final double NANOS_PER_SECOND = 1e9;

    private final VirtualTime time;
    private final double bytesPerNano;
    private final List<Transfer> active = new ArrayList<>();
    private long advancedNanos;
    private long wakeNumber;

    SimNetwork(VirtualTime time, double bytesPerSecond) {
        this.time = time;
        this.bytesPerNano = bytesPerSecond / NANOS_PER_SECOND;
    }

    /** Moves so many bytes, then runs the task. */
    void transfer(WorkerId from, WorkerId to, long bytes, Runnable done) {
        advance();
        active.add(new Transfer(from, to, bytes, done));
        schedule();
    }

    private void advance() {
        double elapsedNanos = time.nowNanos() - advancedNanos;
        for (Transfer transfer : active) {
            transfer.leftBytes -= elapsedNanos * transfer.bytesPerNano;
        }
        advancedNanos = time.nowNanos();
    }

    private void schedule() {
        double firstNanos = Double.MAX_VALUE;
        for (Transfer transfer : active) {
            long out = active.stream().filter(t -> t.from.equals(transfer.from)).count();
            long in = active.stream().filter(t -> t.to.equals(transfer.to)).count();
            transfer.bytesPerNano = bytesPerNano / Math.max(out, in);
            firstNanos = Math.min(firstNanos, transfer.leftBytes / transfer.bytesPerNano);
        }
        long number = ++wakeNumber;
        if (!active.isEmpty()) {
            time.after(Math.max(1, (long) Math.ceil(firstNanos)), () -> wake(number));
        }
    }

    private void wake(long number) {
        if (number != wakeNumber) {
            return;
        }
        advance();
        List<Transfer> over = active.stream().filter(t -> t.leftBytes <= 0).toList();
        active.removeAll(over);
        schedule();
        over.forEach(t -> t.done.run());
    }

    private static final class Transfer {
        private final WorkerId from;
        private final WorkerId to;
        private final Runnable done;
        private double leftBytes;
        private double bytesPerNano;

        Transfer(WorkerId from, WorkerId to, long bytes, Runnable done) {
            this.from = from;
            this.to = to;
            this.leftBytes = bytes;
            this.done = done;
        }
    }
}
