package io.hfx.cli.bench;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Sends requests at their times, whatever the server does: open loop, no retries. Everything runs
 * on one event-loop thread; the caller waits for the result.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty: failures reach the handlers
public final class LoadRun {
    private static final int WARM_UP_ROUNDS = 100;

    private final RequestWriter writer;
    private final List<PlannedRequest> planned;
    private final RunLimits limits;
    private final NioEventLoopGroup group =
            new NioEventLoopGroup(1, new DefaultThreadFactory("bench", true));
    private final EventLoop loop = group.next();
    private final Connections connections;
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile LoadProgress progress = LoadProgress.NONE;

    private final Deque<PlannedRequest> waiting = new ArrayDeque<>();
    private final Set<Exchange> open = new LinkedHashSet<>();
    private final Map<Exchange, Channel> channels = new HashMap<>();
    private final List<RequestRecord> records = new ArrayList<>();
    private long startNanos;
    private int nextIndex;
    private boolean interrupted;
    private boolean ended;
    private long endNanos;
    private long cpuNanos;

    LoadRun(
            Target target,
            Prompt prompt,
            List<PlannedRequest> planned,
            RunLimits limits,
            long seed) {
        this.planned = List.copyOf(planned);
        this.limits = limits;
        writer = new RequestWriter(target, prompt, seed);
        connections = new Connections(target, loop);
    }

    /** Runs to the end of the window and the drain. Call once. */
    public RunResult execute() throws InterruptedException {
        loop.submit(this::warmUp).await();
        Instant now = Instant.now();
        startNanos = System.nanoTime();
        long startEpochNanos = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
        loop.execute(this::sendDue);
        loop.schedule(
                () -> end(false), limits.windowNanos() + limits.drainNanos(), TimeUnit.NANOSECONDS);
        finished.await();
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).await();
        records.sort(Comparator.comparingInt(r -> r.planned().index()));
        return new RunResult(
                records, limits.windowNanos(), endNanos, cpuNanos, interrupted, startEpochNanos);
    }

    /** Ends the run early, from any thread; {@link #execute} returns what there is. */
    public void interrupt() {
        loop.execute(() -> end(true));
    }

    /** Where the run stands, from any thread. */
    public LoadProgress progress() {
        return progress;
    }

    /** Loads the classes that sending and reading need, so that the first request is not late. */
    private void warmUp() {
        for (int i = 0; i < WARM_UP_ROUNDS && !planned.isEmpty(); i++) {
            writer.write(planned.get(0)).release();
            StreamChunk.parse("{\"choices\":[{\"text\":\"x\"}]}");
        }
    }

    private long nowNanos() {
        return System.nanoTime() - startNanos;
    }

    private void sendDue() {
        if (ended) {
            return;
        }
        while (nextIndex < planned.size()
                && planned.get(nextIndex).arrival().atNanos() <= nowNanos()) {
            waiting.addLast(planned.get(nextIndex++));
            sendWaiting();
        }
        if (nextIndex < planned.size()) {
            long delayNanos = planned.get(nextIndex).arrival().atNanos() - nowNanos();
            loop.schedule(this::sendDue, delayNanos, TimeUnit.NANOSECONDS);
        }
        endIfDone();
    }

    private void sendWaiting() {
        while (open.size() < limits.concurrency() && !waiting.isEmpty()) {
            send(waiting.removeFirst());
        }
    }

    private void send(PlannedRequest request) {
        Exchange exchange = new Exchange(request);
        open.add(exchange);
        boolean slow = request.manner().kind() == Manner.Kind.SLOW;
        ChannelFuture connection = slow ? connections.openSlow() : connections.open();
        connection.addListener(
                done -> {
                    if (!done.isSuccess()) {
                        close(
                                exchange,
                                exchange.broken("cannot connect: " + done.cause().getMessage()));
                    } else {
                        write(exchange, request, connection.channel());
                    }
                });
    }

    private void write(Exchange exchange, PlannedRequest request, Channel channel) {
        if (ended) {
            channel.close();
            return;
        }
        channels.put(exchange, channel);
        channel.pipeline().addLast(new StreamHandler(exchange, startNanos, new FromStream()));
        exchange.sent(nowNanos());
        channel.writeAndFlush(writer.write(request))
                .addListener(
                        done -> {
                            if (!done.isSuccess()) {
                                channel.pipeline().fireExceptionCaught(done.cause());
                            }
                        });
        Manner manner = request.manner();
        if (manner.kind() == Manner.Kind.SLOW) {
            connections.readSlowly(channel);
        } else if (manner.leaveNanos() > 0) {
            loop.schedule(() -> leave(exchange), manner.leaveNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** The client goes, unless its answer was complete before. */
    private void leave(Exchange exchange) {
        ended(exchange, exchange.aborted());
    }

    private final class FromStream implements StreamHandler.Listener {
        @Override
        public void body(Exchange exchange) {
            if (exchange.isEnough()) {
                leave(exchange);
            }
        }

        @Override
        public void ended(Exchange exchange, RequestRecord record) {
            LoadRun.this.ended(exchange, record);
        }
    }

    private void ended(Exchange exchange, RequestRecord record) {
        Channel channel = channels.remove(exchange);
        if (channel == null || ended) {
            return;
        }
        channel.close();
        close(exchange, record);
    }

    private void close(Exchange exchange, RequestRecord record) {
        if (ended || !open.remove(exchange)) {
            return;
        }
        records.add(record);
        sendWaiting();
        progress = progress.with(record, nextIndex, open.size());
        endIfDone();
    }

    private void endIfDone() {
        if (nextIndex == planned.size() && open.isEmpty() && waiting.isEmpty()) {
            end(false);
        }
    }

    private void end(boolean early) {
        if (ended) {
            return;
        }
        ended = true;
        interrupted = early;
        endNanos = nowNanos();
        open.forEach(exchange -> records.add(exchange.unfinished()));
        channels.values().forEach(Channel::close);
        for (PlannedRequest never : waiting) {
            records.add(new Exchange(never).unfinished());
        }
        cpuNanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        finished.countDown();
    }
}
