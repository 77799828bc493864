package io.hfx.simulator.fleet;

import io.hfx.engine.prefix.PrefixStore;
import io.hfx.engine.prefix.SequencePrefixes;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerCommand.Cause;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.request.SequenceKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One simulated worker's side of the prefix cache: what the live worker does, without KV. */
final class SimPrefixes {
    private final SimCache cache;
    private final PrefixStore store;
    private final SequencePrefixes<SequenceKey> sequences;

    SimPrefixes(SimCache cache) {
        this.cache = cache;
        this.store = cache.store();
        this.sequences = new SequencePrefixes<>(store);
    }

    /** Sequences of a request come; the order says what this worker can take of its prompts. */
    WorkerOrder.Bind come(WorkerOrder.Bind bind, Flight flight, List<SequenceKey> keys) {
        Integer[] tokens = new Integer[bind.request().promptTokens().size()];
        Arrays.fill(tokens, 0);
        for (SequenceKey key : keys) {
            int held = come(key, flight);
            int most = store.mostOf(bind.request().promptTokens(key.index()));
            int prompt = key.index() / bind.request().choices();
            int found = Math.min(held, most);
            tokens[prompt] = tokens[prompt] == 0 ? found : Math.min(tokens[prompt], found);
        }
        return bind.withCachedTokens(List.of(tokens));
    }

    /** A sequence comes with its KV: it takes nothing, but what it fills is kept. */
    void arrive(SequenceKey key, Flight flight) {
        come(key, flight);
        sequences.begin(key);
    }

    private int come(SequenceKey key, Flight flight) {
        int index = key.index();
        return sequences.come(
                key, cache.chain(flight.request(), index), () -> flight.length(index));
    }

    /** It has KV from now on; of the choices of a prompt the first counts as asked, once. */
    void begin(SequenceKey key, Flight flight) {
        boolean first = key.index() % flight.request().spec().choices() == 0;
        if (sequences.begin(key) && first && !flight.hasTokens(key.index())) {
            store.count(flight.request().spec().promptTokens(key.index()), 0);
        }
    }

    /**
     * Takes what is held for a sequence.
     *
     * @throws IllegalStateException if that is not held, not its own, or all that it has
     */
    void restore(WorkerCommand.Restore restore, Flight flight) {
        SequenceKey key = restore.sequence();
        if (restore.fromToken() + restore.tokens() >= flight.length(key.index())) {
            throw new IllegalStateException("nothing is left to compute after " + restore);
        }
        sequences.restore(
                key,
                restore.fromToken(),
                restore.tokens(),
                block -> SimCache.check(block, flight.request(), key.index()));
        if (!flight.hasTokens(key.index())) {
            store.count(0, restore.tokens());
        }
    }

    /**
     * A step has made its KV this long.
     *
     * @return tokens that were copied into the store
     */
    int grown(SequenceKey key, int kvTokens, Flight flight) {
        SimCache.Writer writer = new SimCache.Writer(flight.request(), key.index());
        sequences.grown(key, kvTokens, writer);
        return writer.tokens();
    }

    /** Its KV is gone, or it is. */
    void release(SequenceKey key, Cause cause) {
        if (cause == Cause.PREEMPTED) {
            sequences.preempted(key);
        } else {
            sequences.leave(key);
        }
    }

    /** What the store has more of waiting sequences than was told before. */
    List<WorkerEvent> news(long atNanos) {
        List<WorkerEvent> news = new ArrayList<>();
        sequences
                .news()
                .forEach((key, tokens) -> news.add(new WorkerEvent.Cached(atNanos, key, tokens)));
        return news;
    }

    /** The worker is gone, and holds nothing. */
    void close() {
        sequences.close();
    }
}
