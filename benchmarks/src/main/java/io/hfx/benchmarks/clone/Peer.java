package io.hfx.benchmarks.clone;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hfx.benchmarks.Child;
import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.transfer.WorkerKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** The other process, as this one sees it: {@link SeedProcess}. */
final class Peer implements AutoCloseable {
    private static final int KEY_BYTES = 32;
    private static final int HEAP_MIB = 256;

    private final Process process;
    private final BufferedReader lines;
    private final Writer words;
    private final Path folder;
    private final WorkerKey key;
    private final InetSocketAddress seed;
    private final InetSocketAddress raw;
    private final Optional<InetSocketAddress> ucx;

    /**
     * Starts it and waits until it has its image.
     *
     * @param folder for its socket and manifest; its path is short
     */
    Peer(int mib, Path folder) throws IOException {
        this.folder = folder;
        byte[] secret = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(secret);
        key = WorkerKey.of(secret);
        ProcessBuilder builder =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx" + HEAP_MIB + "m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                SeedProcess.class.getName(),
                                Integer.toString(mib),
                                folder.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("UCX_LOG_FILE", "stderr"); // or it writes among the answers
        process = builder.start();
        lines = process.inputReader(UTF_8);
        words = process.outputWriter(UTF_8);
        boolean done = false;
        try {
            List<String> ports = List.of(ask(HexFormat.of().formatHex(secret)).split(" ", 3));
            seed = local(ports.get(0));
            raw = local(ports.get(1));
            ucx = Optional.of(local(ports.get(2))).filter(address -> address.getPort() != 0);
            done = true;
        } finally {
            if (!done) {
                process.destroyForcibly();
            }
        }
    }

    private static InetSocketAddress local(String port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
    }

    private String ask(String line) throws IOException {
        words.write(line + "\n");
        words.flush();
        String answer = lines.readLine();
        if (answer == null) {
            throw new IOException("the process with the image has ended");
        }
        return answer;
    }

    WorkerKey key() {
        return key;
    }

    InetSocketAddress seed() {
        return seed;
    }

    InetSocketAddress raw() {
        return raw;
    }

    /** Its seed over UCX; none where UCX is not there. */
    Optional<InetSocketAddress> ucx() {
        return ucx;
    }

    Path offer() {
        return folder.resolve(SeedProcess.SOCKET);
    }

    ImageManifest manifest() throws IOException {
        Path file = folder.resolve(SeedProcess.MANIFEST);
        return ImageManifest.parse("manifest", Files.readAllBytes(file));
    }

    ProcessHandle process() {
        return process.toHandle();
    }

    /** Paces its seed from now on. */
    void pace(long bytesPerSecond) throws IOException {
        ask(Long.toString(bytesPerSecond));
    }

    @Override
    public void close() throws IOException {
        Child.end(process);
    }
}
