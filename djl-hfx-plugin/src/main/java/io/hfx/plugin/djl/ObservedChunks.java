package io.hfx.plugin.djl;

import ai.djl.inference.streaming.ChunkedBytesSupplier;
import ai.djl.modality.Output;
import ai.djl.ndarray.BytesSupplier;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The chunks of an answer that is still in the making, for its one reader; tells when the reader
 * has the first and the last of them, or nobody will read on.
 */
final class ObservedChunks extends ChunkedBytesSupplier {
    private static final Cleaner DROPPED = Cleaner.create();

    private final ChunkedBytesSupplier chunks;
    private final Observer observer;

    /** Hears of the answer once each; any thread. */
    interface Observer {
        void first();

        void ended();
    }

    /**
     * Has the answer observed where it is still in the making.
     *
     * @return whether it is; nothing is told otherwise
     */
    static boolean observe(Output answer, Observer observer) {
        if (answer.getContent().size() == 0
                || !(answer.getData() instanceof ChunkedBytesSupplier chunks)) {
            return false;
        }
        BytesSupplier observed = new ObservedChunks(chunks, observer);
        PairList<String, BytesSupplier> content = new PairList<>();
        for (Pair<String, BytesSupplier> each : answer.getContent()) {
            content.add(each.getKey(), each.getValue() == chunks ? observed : each.getValue());
        }
        answer.setContent(content);
        return true;
    }

    private ObservedChunks(ChunkedBytesSupplier chunks, Observer observer) {
        this.chunks = chunks;
        this.observer = new Once(observer);
        Observer once = this.observer;
        DROPPED.register(this, once::ended);
    }

    /**
     * Each is told once. Neither this nor the observer may lead to the chunks, which could never be
     * dropped otherwise.
     */
    private static final class Once implements Observer {
        private final Observer observer;
        private final AtomicBoolean begun = new AtomicBoolean();
        private final AtomicBoolean ended = new AtomicBoolean();

        Once(Observer observer) {
            this.observer = observer;
        }

        @Override
        public void first() {
            if (begun.compareAndSet(false, true)) {
                observer.first();
            }
        }

        @Override
        public void ended() {
            if (ended.compareAndSet(false, true)) {
                observer.ended();
            }
        }
    }

    private <T> T read(T value) {
        observer.first();
        if (!chunks.hasNext()) {
            observer.ended();
        }
        return value;
    }

    @Override
    public void appendContent(BytesSupplier bytesSupplier, boolean lastChunk) {
        chunks.appendContent(bytesSupplier, lastChunk);
    }

    @Override
    public boolean hasNext() {
        return chunks.hasNext();
    }

    @Override
    public BytesSupplier next(long timeout, TimeUnit unit) throws InterruptedException {
        boolean done = false;
        try {
            BytesSupplier chunk = chunks.next(timeout, unit);
            done = true;
            return read(chunk);
        } finally {
            if (!done) {
                observer.ended();
            }
        }
    }

    @Override
    public BytesSupplier poll() {
        BytesSupplier chunk = chunks.poll();
        return chunk == null ? chunk : read(chunk);
    }

    @Override
    public byte[] getAsBytes() {
        try {
            return chunks.getAsBytes();
        } finally {
            observer.first();
            observer.ended();
        }
    }

    @Override
    public ByteBuffer toByteBuffer() {
        return ByteBuffer.wrap(getAsBytes());
    }
}
