package io.hfx.engine.prefix;

import io.hfx.engine.executor.KvBlock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The sequences of one worker and their blocks in a store: holds what those without KV will take,
 * and puts in what the others have computed. Owned by the worker's loop thread.
 *
 * @param <K> names a sequence
 */
public final class SequencePrefixes<K> implements AutoCloseable {
    /** Waiting sequences that are looked at again after a step. */
    private static final int MOST_LOOKS = 64;

    private final PrefixStore store;

    /** Those without KV, in the order of their coming. */
    private final Map<K, Entry> waiting = new LinkedHashMap<>();

    private final Map<K, Entry> begun = new HashMap<>();
    private long seen = -1;

    public SequencePrefixes(PrefixStore store) {
        this.store = store;
    }

    /**
     * A sequence without KV comes.
     *
     * @param length its tokens, prompt and output; asked whenever it is looked at
     * @return tokens of its start that are held for it: whole blocks without its last token
     */
    public int come(K key, BlockChain chain, IntSupplier length) {
        Entry entry = new Entry(chain, length);
        waiting.put(key, entry);
        lease(entry);
        return entry.leased();
    }

    /**
     * It begins, from nothing or from what is restored.
     *
     * @return whether it waited here until now
     */
    public boolean begin(K key) {
        Entry entry = waiting.remove(key);
        if (entry != null) {
            begun.put(key, entry);
        }
        return entry != null;
    }

    /**
     * Gives held blocks to a sequence that has begun and has all before them.
     *
     * @param fromToken first position, at the start of a block
     * @param tokens whole blocks of them
     * @throws IllegalStateException if they are not held for it
     */
    public void restore(K key, int fromToken, int tokens, Consumer<KvBlock> taker) {
        Entry entry = begun.get(key);
        if (entry == null || entry.leased() < fromToken + tokens) {
            throw new IllegalStateException("nothing is held to restore " + key + " from");
        }
        int end = (fromToken + tokens) / store.blockTokens();
        for (int i = fromToken / store.blockTokens(); i < end; i++) {
            taker.accept(entry.block(i));
        }
        entry.stored = end;
        if (fromToken + tokens == entry.leased()) {
            entry.drop();
        }
    }

    /** A step has made its KV this long: what is full is put in, as far as there is room. */
    public void grown(K key, int kvTokens, BlockWriter writer) {
        Entry entry = begun.get(key);
        if (entry == null) {
            return;
        }
        entry.drop(); // a choice that was forked took nothing
        int full = kvTokens / store.blockTokens();
        while (entry.stored < full) {
            boolean put = store.put(entry.chain, entry.stored, writer);
            entry.stored = put ? entry.stored + 1 : Entry.NO_MORE;
        }
    }

    /** Its KV is gone; it may begin again. */
    public void preempted(K key) {
        Entry entry = begun.remove(key);
        if (entry != null) {
            entry.drop();
            entry.stored = 0;
            waiting.put(key, entry);
            seen = -1;
        }
    }

    /** It is gone. A second call has no effect. */
    public void leave(K key) {
        drop(waiting.remove(key));
        drop(begun.remove(key));
    }

    /** What is held more of waiting sequences than was said before: tokens of their starts. */
    public Map<K, Integer> news() {
        long entered = store.entered();
        if (waiting.isEmpty() || entered == seen) {
            return Map.of();
        }
        seen = entered;
        Map<K, Integer> news = new LinkedHashMap<>();
        int looks = 0;
        for (Map.Entry<K, Entry> each : waiting.entrySet()) {
            if (++looks > MOST_LOOKS) {
                break;
            }
            Entry entry = each.getValue();
            int before = entry.leased();
            if (before < store.mostOf(entry.length.getAsInt())
                    && store.has(entry.chain, before / store.blockTokens())) {
                lease(entry);
            }
            if (entry.leased() > before) {
                news.put(each.getKey(), entry.leased());
            }
        }
        return news;
    }

    /** Gives everything up that is held. */
    @Override
    public void close() {
        waiting.values().forEach(Entry::drop);
        begun.values().forEach(Entry::drop);
        waiting.clear();
        begun.clear();
    }

    private void lease(Entry entry) {
        PrefixLease longer = store.lease(entry.chain, store.mostOf(entry.length.getAsInt()));
        entry.drop();
        entry.lease = longer;
    }

    private static void drop(@Nullable Entry entry) {
        if (entry != null) {
            entry.drop();
        }
    }

    /** One sequence here. */
    private static final class Entry {
        private static final int NO_MORE = Integer.MAX_VALUE;

        private final BlockChain chain;
        private final IntSupplier length;
        private @Nullable PrefixLease lease;

        /** Blocks from its start that are in the store, or need not be. */
        private int stored;

        Entry(BlockChain chain, IntSupplier length) {
            this.chain = chain;
            this.length = length;
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

        void drop() {
            if (lease != null) {
                lease.close();
                lease = null;
            }
        }
    }
}
