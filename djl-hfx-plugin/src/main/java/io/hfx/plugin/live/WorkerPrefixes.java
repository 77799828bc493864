package io.hfx.plugin.live;

import io.hfx.engine.executor.KvBlock;
import io.hfx.engine.executor.KvSequence;
import io.hfx.engine.executor.TokenExecutor;
import io.hfx.engine.prefix.BlockWriter;
import io.hfx.engine.prefix.PrefixStore;
import io.hfx.engine.prefix.SequencePrefixes;
import io.hfx.engine.prefix.TokenSource;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.request.SequenceKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One worker's side of the prefix cache: copies what is held for its sequences in when they begin,
 * puts every block in that a step has filled, and counts hits. Owned by the worker's loop thread.
 */
final class WorkerPrefixes implements AutoCloseable {
    private final PrefixStore store;
    private final TokenExecutor executor;
    private final SequencePrefixes<SequenceKey> sequences;
    private final Map<SequenceKey, ActiveRequest> requests = new HashMap<>();

    WorkerPrefixes(PrefixStore store, TokenExecutor executor) {
        this.store = store;
        this.executor = executor;
        this.sequences = new SequencePrefixes<>(store);
    }

    /**
     * Sequences of a request come.
     *
     * @return how much of each prompt the cache has for all of its sequences; empty for a request
     *     that has nothing to do with the cache
     */
    List<Integer> come(ActiveRequest request, List<SequenceKey> keys) {
        String scope = request.request().cacheScope();
        if (scope == null) {
            return List.of();
        }
        Integer[] tokens = new Integer[request.request().prompts().size()];
        Arrays.fill(tokens, 0);
        for (SequenceKey key : keys) {
            int index = key.index();
            TokenSource source = (from, count) -> request.tokens(index, from, count);
            requests.put(key, request);
            int held = sequences.come(key, store.chain(scope, source), () -> request.length(index));
            int prompt = index / request.request().choices();
            int found = Math.min(held, store.mostOf(request.prompt(index).length));
            tokens[prompt] = tokens[prompt] == 0 ? found : Math.min(tokens[prompt], found);
        }
        return List.of(tokens);
    }

    /** It begins, from nothing or from what is {@linkplain #restore restored}. */
    void begin(SequenceKey key) {
        ActiveRequest request = requests.get(key);
        boolean begins = sequences.begin(key);
        if (begins && request != null && counts(request, key)) {
            store.count(request.prompt(key.index()).length, 0);
        }
    }

    /** The choices of a prompt share its prefill, and the first one's counts, once. */
    private static boolean counts(ActiveRequest request, SequenceKey key) {
        boolean first = key.index() % request.request().choices() == 0;
        return first && !request.hasOutput(key.index());
    }

    /** Copies held blocks into a sequence that has all before them. */
    void restore(SequenceKey key, KvSequence kv, int fromToken, int tokens) {
        sequences.restore(key, fromToken, tokens, block -> executor.restore(kv, block));
        ActiveRequest request = requests.get(key);
        if (request != null && !request.hasOutput(key.index())) {
            store.count(0, tokens);
            request.restored(key.index(), fromToken + tokens);
        }
    }

    /** A step has made its KV longer: what is full is put in, as far as there is room. */
    void grown(SequenceKey key, KvSequence kv) {
        sequences.grown(key, kv.length(), new Writer(kv));
    }

    /** Its KV is gone; it may begin again. */
    void preempted(SequenceKey key) {
        sequences.preempted(key);
    }

    /** It is gone. */
    void leave(SequenceKey key) {
        sequences.leave(key);
        requests.remove(key);
    }

    /** What the cache has more of waiting sequences than was told before. */
    List<WorkerEvent.Cached> news(long atNanos) {
        List<WorkerEvent.Cached> news = new ArrayList<>();
        sequences
                .news()
                .forEach((key, tokens) -> news.add(new WorkerEvent.Cached(atNanos, key, tokens)));
        return news;
    }

    @Override
    public void close() {
        sequences.close();
        requests.clear();
    }

    private final class Writer implements BlockWriter {
        private final KvSequence kv;

        Writer(KvSequence kv) {
            this.kv = kv;
        }

        @Override
        public KvBlock allocate(int tokens) {
            return executor.newBlock(tokens);
        }

        @Override
        public void write(KvBlock block) {
            executor.export(kv, block);
        }
    }
}
