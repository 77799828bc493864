package io.hfx.d2d.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.d2d.image.Samples;
import io.hfx.d2d.image.TensorImage;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class TwoJvmTest {
    private static final long SEED = 71;

    /** The seed of the other JVM: prints its port, serves until its input ends. */
    static final class Serving {
        private Serving() {}

        public static void main(String[] args) throws Exception {
            try (Seed seed = Fleet.seed(Samples.image(SEED))) {
                System.out.println("port " + seed.address().getPort());
                while (System.in.read() >= 0) {
                    System.out.println("serving");
                }
            }
        }
    }

    @Test
    void anImageGoesFromOneJvmToAnother() throws Exception {
        Process other =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Serving.class.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(other.getInputStream(), UTF_8))) {
            String line = out.readLine();
            while (line != null && !line.startsWith("port ")) {
                line = out.readLine();
            }
            InetSocketAddress seed =
                    new InetSocketAddress(
                            InetAddress.getLoopbackAddress(),
                            Integer.parseInt(line.substring("port ".length())));
            try (ImageClone clone =
                    new ImageClone(Fleet.KEY, Fleet.empty(), 2, Fleet.LIMITS, CloneListener.NONE)) {
                TensorImage copy = clone.run(List.of(seed), Wanted.of(Samples.KEY));
                Fleet.assertSame(Samples.image(SEED), copy);
            }
            other.getOutputStream().close();
            assertTrue(other.waitFor(60, TimeUnit.SECONDS));
            assertEquals(0, other.exitValue());
        } finally {
            other.destroyForcibly();
        }
    }
}
