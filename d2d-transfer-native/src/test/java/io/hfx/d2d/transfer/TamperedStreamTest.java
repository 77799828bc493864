package io.hfx.d2d.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hfx.d2d.image.Samples;
import io.hfx.d2d.image.TensorImage;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class TamperedStreamTest {
    /** Wherever the stream is cut or changed, what is handed out is the image. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cutOrChangedAnywhereTheImageIsRight(boolean cut) throws IOException {
        long randomSeed = cut ? 42 : 43;
        TensorImage image = Fleet.small(randomSeed);
        Random random = new Random(randomSeed);
        int manifestEnds = 150 + image.manifest().encoded().length;
        try (Seed seed = Fleet.seed(image)) {
            for (int i = 0; i < 30; i++) {
                int at = random.nextInt(i < 25 ? manifestEnds : 1 << 20);
                System.out.println("at byte " + at);
                throughMiddle(image, seed, at, cut);
            }
        }
    }

    /** The manifest's own digits are no less safe than the blob: the seed signs them. */
    @Test
    void aChangedManifestIsNotBelieved() throws IOException {
        TensorImage image = Fleet.small(45);
        String text = new String(image.manifest().encoded(), UTF_8);
        int header = Handshake.GREETING_BYTES + 2 * Frames.HEADER_BYTES + 2 * WorkerKey.PROOF_BYTES;
        try (Seed seed = Fleet.seed(image)) {
            for (String field : List.of("\"a\":", "hfx.chunk_crc32c\":\"", "\"hfx.layout\":\"")) {
                int at = header + text.indexOf(field) + field.length() - 3;
                assertEquals(List.of(Fault.CORRUPT), throughMiddle(image, seed, at, false), field);
            }
        }
    }

    private static List<Fault> throughMiddle(TensorImage image, Seed seed, int at, boolean cut)
            throws IOException {
        Losses losses = new Losses();
        PartialImage part = Fleet.empty();
        try (Middle middle = new Middle(seed.address(), at, cut);
                ImageClone clone = new ImageClone(Fleet.KEY, part, 1, shortStall(), losses)) {
            List<InetSocketAddress> seeds =
                    List.of(middle.address(), seed.address(), seed.address());
            Fleet.assertSame(image, clone.run(seeds, Wanted.of(Samples.KEY)));
        }
        return losses.faults;
    }

    /** A changed length makes the joiner wait for bytes that never come. */
    private static TransferLimits shortStall() {
        TransferLimits l = Fleet.LIMITS;
        Duration stall = Duration.ofSeconds(1);
        return new TransferLimits(
                l.connect(), l.handshake(), stall, l.idle(), l.chunk(), l.whole());
    }
}
