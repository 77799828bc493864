package io.hfx.plugin.live;

import io.hfx.scheduler.dispatch.Dispatcher;
import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that owns a dispatcher: stamps events, keeps its one timer, passes commands on. */
final class DispatcherLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DispatcherLoop.class);

    /** Carries commands out, on the loop's thread. */
    interface Outlet {
        void carryOut(FleetCommand command);

        /** The dispatcher cannot go on. */
        void broken(Throwable cause);
    }

    private final Dispatcher dispatcher;
    private final Outlet outlet;
    private final LoopLog log;
    private final LinkedBlockingQueue<LongFunction<@Nullable FleetEvent>> inbox =
            new LinkedBlockingQueue<>();
    private final Thread thread;
    private long wakeAtNanos;
    private boolean wakeSet;
    private volatile int waiting;
    private volatile int bound;

    DispatcherLoop(String name, Dispatcher dispatcher, Outlet outlet, LoopLog log) {
        this.dispatcher = dispatcher;
        this.outlet = outlet;
        this.log = log;
        this.thread = new Thread(this::run, name);
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Hands an event in; it is stamped when its turn comes. Any thread. */
    void tell(LongFunction<@Nullable FleetEvent> event) {
        inbox.add(event);
    }

    /** Requests in the central queue, as of the last event. */
    int waiting() {
        return waiting;
    }

    /** Requests bound to workers, as of the last event. */
    int bound() {
        return bound;
    }

    @Override
    public void close() {
        inbox.add(DispatcherLoop::stop);
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (true) {
                LongFunction<@Nullable FleetEvent> next = next();
                FleetEvent event =
                        next == null
                                ? new FleetEvent.Woken(System.nanoTime())
                                : next.apply(System.nanoTime());
                if (event == null) {
                    return;
                }
                handle(event);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            LOG.error("the dispatcher cannot go on", e);
            outlet.broken(e);
        }
    }

    /** The next event, or null when the timer is due. */
    private @Nullable LongFunction<@Nullable FleetEvent> next() throws InterruptedException {
        if (!wakeSet) {
            return inbox.take();
        }
        long leftNanos = wakeAtNanos - System.nanoTime();
        LongFunction<@Nullable FleetEvent> next =
                leftNanos > 0 ? inbox.poll(leftNanos, TimeUnit.NANOSECONDS) : inbox.poll();
        if (next == null) {
            wakeSet = false;
        }
        return next;
    }

    private void handle(FleetEvent event) {
        List<FleetCommand> commands = dispatcher.on(event);
        log.fleet(event, commands);
        waiting = dispatcher.waiting();
        bound = dispatcher.bound();
        for (FleetCommand command : commands) {
            if (command instanceof FleetCommand.Wake wake) {
                wakeAtNanos = event.atNanos() + wake.afterNanos();
                wakeSet = true;
            } else {
                outlet.carryOut(command);
            }
        }
    }

    /** Stands in the inbox for the end of the loop. */
    private static @Nullable FleetEvent stop(long atNanos) {
        return null;
    }
}
