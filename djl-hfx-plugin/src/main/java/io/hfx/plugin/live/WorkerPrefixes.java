package io.hfx.plugin.live;

import io.hfx.engine.executor.KvBlock;
import io.hfx.engine.executor.KvSequence;
import io.hfx.engine.executor.TokenExecutor;
import io.hfx.engine.prefix.BlockChain;
import io.hfx.engine.prefix.BlockWriter;
import io.hfx.engine.prefix.PrefixLease;
import io.hfx.engine.prefix.PrefixStore;
import io.hfx.engine.prefix.TokenSource;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.request.SequenceKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One worker's side of the prefix cache: holds what its waiting sequences will take, copies it in
 * when they begin, and puts every block in that a step has filled. Owned by the worker's loop
 * thread.
 */
final class WorkerPrefixes implements AutoCloseable {
    /** Waiting sequences that are looked at again after a step. */
    private static final int MOST_LOOKS = 64;

    private final PrefixStore store;
    private final TokenExecutor executor;

    /** Those without KV, in the order of their coming. */
    private final Map<SequenceKey, Entry> waiting = new LinkedHashMap<>();

    private final Map<SequenceKey, Entry> begun = new HashMap<>();
    private long seen = -1;

    WorkerPrefixes(PrefixStore store, TokenExecutor executor) {
        this.store = store;
        this.executor = executor;
    }

    /**
     * Sequences of a request come.
     *
     * @return how much of each prompt the cache has for all of its sequences; empty for a request
     *     that has nothing to do with the cache
     */
    List<Integer> come(ActiveRequest request, List<SequenceKey> sequences) {
        String scope = request.request().cacheScope();
        if (scope == null) {
            return List.of();
        }
        Integer[] tokens = new Integer[request.request().prompts().size()];
        Arrays.fill(tokens, 0);
        for (SequenceKey key : sequences) {
            TokenSource source = (from, count) -> request.tokens(key.index(), from, count);
            Entry entry = new Entry(request, store.chain(scope, source));
            waiting.put(key, entry);
            lease(key, entry);
            int prompt = key.index() / request.request().choices();
            int found = Math.min(entry.leased(), mostOf(request.prompt(key.index()).length));
            tokens[prompt] = tokens[prompt] == 0 ? found : Math.min(tokens[prompt], found);
        }
        return List.of(tokens);
    }

    /** Whole blocks of so many tokens, and not the last token, which gives the logits. */
    private int mostOf(int tokens) {
        return (tokens - 1) / store.blockTokens() * store.blockTokens();
    }

    /** It begins, from nothing or from what is {@linkplain #restore restored}. */
    void begin(SequenceKey key) {
        Entry entry = waiting.remove(key);
        if (entry == null) {
            return;
        }
        begun.put(key, entry);
        if (!entry.request.hasOutput(key.index()) && entry.isFirstChoice(key)) {
            store.count(entry.request.prompt(key.index()).length, 0);
        }
    }

    /** Copies held blocks into a sequence that has all before them. */
    void restore(SequenceKey key, KvSequence kv, int fromToken, int tokens) {
        Entry entry = begun.get(key);
        if (entry == null || entry.leased() < fromToken + tokens) {
            throw new IllegalStateException("nothing is held to restore " + key + " from");
        }
        int end = (fromToken + tokens) / store.blockTokens();
        for (int i = fromToken / store.blockTokens(); i < end; i++) {
            executor.restore(kv, entry.block(i));
        }
        entry.stored = end;
        if (!entry.request.hasOutput(key.index())) {
            store.count(0, tokens);
            entry.request.restored(key.index(), fromToken + tokens);
        }
        if (fromToken + tokens == entry.leased()) {
            entry.drop();
        }
    }

    /** A step has made its KV longer: what is full is put in, as far as there is room. */
    void grown(SequenceKey key, KvSequence kv) {
        Entry entry = begun.get(key);
        if (entry == null) {
            return;
        }
        entry.drop(); // a choice that was forked took nothing
        int full = kv.length() / store.blockTokens();
        BlockWriter writer = new Writer(kv);
        while (entry.stored < full) {
            boolean put = store.put(entry.chain, entry.stored, writer);
            entry.stored = put ? entry.stored + 1 : Entry.NO_MORE;
        }
    }

    /** Its KV is gone; it may begin again. */
    void preempted(SequenceKey key) {
        Entry entry = begun.remove(key);
        if (entry != null) {
            entry.drop();
            entry.stored = 0;
            waiting.put(key, entry);
            seen = -1;
        }
    }

    /** It is gone. */
    void leave(SequenceKey key) {
        for (Entry entry : new Entry[] {waiting.remove(key), begun.remove(key)}) {
            if (entry != null) {
                entry.drop();
            }
        }
    }

    /** What the cache has more of waiting sequences than was told before. */
    List<WorkerEvent.Cached> news(long atNanos) {
        long entered = store.entered();
        if (waiting.isEmpty() || entered == seen) {
            return List.of();
        }
        seen = entered;
        List<WorkerEvent.Cached> news = new ArrayList<>();
        int looks = 0;
        for (Map.Entry<SequenceKey, Entry> each : waiting.entrySet()) {
            if (++looks > MOST_LOOKS) {
                break;
            }
            Entry entry = each.getValue();
            int before = entry.leased();
            if (before < mostOf(entry.request.length(each.getKey().index()))
                    && store.has(entry.chain, before / store.blockTokens())) {
                lease(each.getKey(), entry);
            }
            if (entry.leased() > before) {
                news.add(new WorkerEvent.Cached(atNanos, each.getKey(), entry.leased()));
            }
        }
        return news;
    }

    @Override
    public void close() {
        waiting.values().forEach(Entry::drop);
        begun.values().forEach(Entry::drop);
        waiting.clear();
        begun.clear();
    }

    private void lease(SequenceKey key, Entry entry) {
        PrefixLease longer = store.lease(entry.chain, mostOf(entry.request.length(key.index())));
        entry.drop();
        entry.lease = longer;
    }

    /** One sequence here. */
    private static final class Entry {
        private static final int NO_MORE = Integer.MAX_VALUE;

        private final ActiveRequest request;
        private final BlockChain chain;
        private @Nullable PrefixLease lease;

        /** Blocks from its start that are in the store, or need not be. */
        private int stored;

        Entry(ActiveRequest request, BlockChain chain) {
            this.request = request;
            this.chain = chain;
        }

        int leased() {
            return lease == null ? 0 : lease.tokens();
        }

        KvBlock block(int index) {
            if (lease == null) {
                throw new IllegalStateException("the lease is gone");
            }
            return lease.block(index);
        }

        /** The choices of a prompt share its prefill, and the first one's counts. */
        boolean isFirstChoice(SequenceKey key) {
            return key.index() % request.request().choices() == 0;
        }

        void drop() {
            if (lease != null) {
                lease.close();
                lease = null;
            }
        }
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
