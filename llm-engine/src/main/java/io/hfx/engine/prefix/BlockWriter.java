package io.hfx.engine.prefix;

import io.hfx.engine.executor.KvBlock;

/** Copies the KV of a sequence into blocks; its calls come from the thread that puts. */
public interface BlockWriter {
    /** Memory for one block of KV, of any position. */
    KvBlock allocate(int tokens);

    /** Fills a block with the positions that it names. */
    void write(KvBlock block);
}
