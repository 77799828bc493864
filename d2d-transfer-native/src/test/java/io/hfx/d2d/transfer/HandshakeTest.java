package io.hfx.d2d.transfer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.d2d.image.Samples;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class HandshakeTest {
    private final ExecutorService threads = Fleet.threads();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private static TransferException failure(WorkerKey key, InetSocketAddress seed) {
        TransferException[] why = new TransferException[1];
        CloneListener listener =
                new CloneListener() {
                    @Override
                    public void lost(InetSocketAddress address, TransferException e) {
                        why[0] = e;
                    }
                };
        try (ImageClone clone = new ImageClone(key, Fleet.empty(), 1, Fleet.LIMITS, listener)) {
            assertThrows(
                    TransferException.class,
                    () -> clone.run(List.of(seed), Wanted.of(Samples.KEY)));
        }
        System.out.println(why[0].getMessage());
        return why[0];
    }

    @Test
    void aJoinerWithAnotherKeyGetsNothing() {
        Tampering source = new Tampering(Fleet.small(51), i -> false);
        try (Seed seed = Fleet.seed(source)) {
            TransferException why = failure(Fleet.OTHER_KEY, seed.address());
            assertEquals(Fault.BAD_KEY, why.fault());
            Fleet.await(() -> seed.refusedLinks() == 1, "the refusal is counted");
            assertEquals(0, seed.sentBytes());
        }
        assertEquals(0, source.asked.get());
    }

    /**
     * Greets, takes the joiner's proof and answers with one of another key, or the joiner's own.
     */
    private Future<Integer> rogueSeed(ServerSocket listener, boolean echo) {
        return threads.submit(
                () -> {
                    try (Socket joiner = listener.accept()) {
                        DataInputStream in = new DataInputStream(joiner.getInputStream());
                        OutputStream out = joiner.getOutputStream();
                        byte[] greeting = in.readNBytes(Handshake.GREETING_BYTES);
                        byte[] proof;
                        out.write(greeting);
                        proof = in.readNBytes(WorkerKey.PROOF_BYTES);
                        byte[] answer = echo ? proof : Fleet.OTHER_KEY.proof(proof);
                        out.write(Frames.of(Frames.Type.PROOF, answer).array());
                        return in.readAllBytes().length;
                    }
                });
    }

    @Test
    void aSeedWithoutTheKeyHearsNoWord() throws Exception {
        for (boolean echo : new boolean[] {false, true}) {
            try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                Future<Integer> heard = rogueSeed(listener, echo);
                TransferException why =
                        failure(Fleet.KEY, (InetSocketAddress) listener.getLocalSocketAddress());
                assertEquals(Fault.BAD_KEY, why.fault());
                assertEquals(0, Fleet.get(heard), "bytes after the joiner's proof");
            }
        }
    }

    private static byte[] answerTo(Seed seed, byte[] words) throws IOException {
        try (Socket socket = new Socket(seed.address().getAddress(), seed.address().getPort())) {
            socket.getOutputStream().write(words);
            socket.shutdownOutput();
            return socket.getInputStream().readAllBytes();
        }
    }

    @Test
    void strangersHearNothing() throws IOException {
        Tampering source = new Tampering(Fleet.small(52), i -> false);
        try (Seed seed = Fleet.seed(source)) {
            byte[] http = "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n".getBytes(US_ASCII);
            byte[] exact = java.util.Arrays.copyOf(http, Handshake.GREETING_BYTES);
            assertEquals(0, answerTo(seed, exact).length);
            assertEquals(0, answerTo(seed, new byte[0]).length);
            byte[] version2 = new byte[Handshake.GREETING_BYTES];
            System.arraycopy("HFXD\0\2".getBytes(US_ASCII), 0, version2, 0, 6);
            assertEquals(Handshake.GREETING_BYTES, answerTo(seed, version2).length);
        }
        assertEquals(0, source.asked.get());
    }

    @Test
    void aSeedOfAnotherVersionIsNamed() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Future<Integer> heard =
                    threads.submit(
                            () -> {
                                try (Socket joiner = listener.accept()) {
                                    byte[] greeting =
                                            joiner.getInputStream()
                                                    .readNBytes(Handshake.GREETING_BYTES);
                                    greeting[5] = 9;
                                    joiner.getOutputStream().write(greeting);
                                    return joiner.getInputStream().readAllBytes().length;
                                }
                            });
            TransferException why =
                    failure(Fleet.KEY, (InetSocketAddress) listener.getLocalSocketAddress());
            assertEquals(Fault.WRONG_VERSION, why.fault());
            assertTrue(why.getMessage().contains("version 9"), why.getMessage());
            assertEquals(0, Fleet.get(heard), "bytes after the greeting");
        }
    }

    @Test
    void aKeyShowsNothingOfItself() {
        String secret = "a secret of more than thirty-two bytes";
        assertFalse(WorkerKey.of(secret.getBytes(US_ASCII)).toString().contains("secret"));
        IllegalArgumentException refusal =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> WorkerKey.of("short secret".getBytes(US_ASCII)));
        assertFalse(refusal.getMessage().contains("secret"), refusal.getMessage());
    }
}
