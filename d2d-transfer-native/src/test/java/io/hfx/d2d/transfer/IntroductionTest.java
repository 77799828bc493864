package io.hfx.d2d.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hfx.d2d.image.TensorImage;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What a seed says before any byte of weights moves. */
class IntroductionTest {
    private static final byte[] CARD = "a card".getBytes(StandardCharsets.UTF_8);

    @Test
    void theCardComesWithTheManifestAndNoWeights() {
        try (TensorImage image = Fleet.small(3);
                Seed seed = Fleet.seed(ImageSource.of(image, CARD))) {
            Introduction found =
                    Introduction.of(
                            seed.address(), Fleet.KEY, Wanted.any(), TransferLimits.DEFAULT);
            assertEquals(image.manifest().hash(), found.manifest().hash());
            assertArrayEquals(CARD, found.card());
            assertEquals(0, seed.sentBytes());
        }
    }

    @Test
    void withoutTheKeyNothingIsSaid() {
        try (TensorImage image = Fleet.small(3);
                Seed seed = Fleet.seed(ImageSource.of(image, CARD))) {
            TransferException e =
                    assertThrows(
                            TransferException.class,
                            () ->
                                    Introduction.of(
                                            seed.address(),
                                            Fleet.OTHER_KEY,
                                            Wanted.any(),
                                            TransferLimits.DEFAULT));
            assertEquals(Fault.BAD_KEY, e.fault());
        }
    }

    /** The signature covers where the card ends. */
    @Test
    void noByteMovesFromTheCardToTheManifest() {
        Session session = new Session(Fleet.KEY, new byte[32], new byte[32]);
        byte[] one = session.sign(new byte[] {1, 2}, new byte[] {3});
        byte[] other = session.sign(new byte[] {1}, new byte[] {2, 3});
        assertFalse(Arrays.equals(one, other));
    }

    @Test
    void aCardIsBounded() {
        byte[] large = new byte[ImageSource.MAX_CARD_BYTES + 1];
        try (TensorImage image = Fleet.small(3)) {
            assertThrows(IllegalArgumentException.class, () -> ImageSource.of(image, large));
        }
    }
}
