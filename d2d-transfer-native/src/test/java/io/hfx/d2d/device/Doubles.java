package io.hfx.d2d.device;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The drivers' doubles that the build made: libraries with the drivers' functions, no devices. */
final class Doubles {
    private static final String CUDA = "hfx.d2d.cuda.library";
    private static final String ASCEND = "hfx.d2d.ascend.library";

    private Doubles() {}

    private static String file(String name) {
        return Path.of(System.getProperty("hfx.test.doubles", "target/native-test"), name)
                .toAbsolutePath()
                .toString();
    }

    /** The devices of this process are the doubles', until {@link #forget}. */
    static void use() {
        assumeTrue(
                Files.exists(Path.of(file("libcuda_double.so"))),
                "no drivers' doubles: there was no compiler");
        System.setProperty(CUDA, file("libcuda_double.so"));
        System.setProperty(ASCEND, file("libascend_double.so"));
    }

    static void forget() {
        System.clearProperty(CUDA);
        System.clearProperty(ASCEND);
    }

    /** So that another JVM has them, too. */
    static List<String> options() {
        return List.of(
                "-D" + CUDA + "=" + file("libcuda_double.so"),
                "-D" + ASCEND + "=" + file("libascend_double.so"));
    }
}
