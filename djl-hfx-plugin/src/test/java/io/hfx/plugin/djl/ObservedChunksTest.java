package io.hfx.plugin.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.inference.streaming.ChunkedBytesSupplier;
import ai.djl.modality.Output;
import ai.djl.ndarray.BytesSupplier;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ObservedChunksTest {
    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
    private final ObservedChunks.Observer observer =
            new ObservedChunks.Observer() {
                @Override
                public void first() {
                    heard.add("first");
                }

                @Override
                public void ended() {
                    heard.add("ended");
                }
            };

    private static BytesSupplier chunk(String text) {
        return BytesSupplier.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Output streaming(ChunkedBytesSupplier chunks) {
        Output output = new Output();
        output.add(chunks);
        return output;
    }

    @Test
    void tellsOfTheFirstAndTheLastChunkOnce() throws Exception {
        ChunkedBytesSupplier chunks = new ChunkedBytesSupplier();
        Output output = streaming(chunks);
        assertTrue(ObservedChunks.observe(output, observer));
        ChunkedBytesSupplier reader = (ChunkedBytesSupplier) output.getData();
        for (String text : List.of("a", "b", "c")) {
            chunks.appendContent(chunk(text), text.equals("c"));
        }
        assertEquals(List.of(), heard);
        assertEquals("a", reader.next(1, TimeUnit.SECONDS).getAsString());
        assertEquals(List.of("first"), heard);
        assertEquals("b", reader.next(1, TimeUnit.SECONDS).getAsString());
        assertEquals("c", reader.next(1, TimeUnit.SECONDS).getAsString());
        assertEquals(List.of("first", "ended"), heard);
        assertFalse(reader.hasNext());
    }

    @Test
    void anAnswerAsAWholeIsNotObserved() {
        Output output = new Output();
        output.add("all of it");
        assertFalse(ObservedChunks.observe(output, observer));
    }

    @Test
    void whatNobodyReadsEndsOnceItIsDropped() {
        assertTrue(ObservedChunks.observe(streaming(new ChunkedBytesSupplier()), observer));
        long endNanos = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (heard.isEmpty() && System.nanoTime() < endNanos) {
            System.gc();
            Thread.onSpinWait();
        }
        assertEquals(List.of("ended"), heard);
    }
}
