package io.hfx.d2d.device;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the native library once in a process: the file that the system property {@code
 * hfx.d2d.library} names, else the one in the jar. {@code off} as the property's value, or any
 * failure, leaves the process with the Java path; the log says so once.
 */
final class NativeLibrary {
    static final String PROPERTY = "hfx.d2d.library";

    private static final Logger LOG = LoggerFactory.getLogger(NativeLibrary.class);

    private NativeLibrary() {}

    /** Why the library is not there; empty where it is. */
    static Optional<String> missing() {
        return Loaded.WHY_NOT;
    }

    static boolean loaded() {
        return Loaded.WHY_NOT.isEmpty();
    }

    /** Initialised by the first question, by one thread. */
    private static final class Loaded {
        private static final Optional<String> WHY_NOT = load();

        private static Optional<String> load() {
            String wish = System.getProperty(PROPERTY, "");
            if (wish.equals("off")) {
                LOG.info("The native library is off: host memory goes through Java");
                return Optional.of(PROPERTY + " is off");
            }
            try {
                if (wish.isEmpty()) {
                    loadFromJar();
                } else {
                    System.load(Path.of(wish).toAbsolutePath().toString());
                }
                int abi = Native.abi();
                if (abi != Native.ABI) {
                    throw new IOException("its ABI is " + abi + ", not " + Native.ABI);
                }
                LOG.debug("Native library loaded, ABI {}", abi);
                return Optional.empty();
            } catch (IOException | LinkageError | RuntimeException e) {
                LOG.warn(
                        "No native library ({}): host memory goes through Java, GPUs and NPUs are"
                                + " out of reach",
                        e.getMessage());
                return Optional.of(String.valueOf(e.getMessage()));
            }
        }

        /** The file in the temporary folder is gone when this returns; the mapping stays. */
        private static void loadFromJar() throws IOException {
            String name = resourceName();
            try (InputStream in = NativeLibrary.class.getResourceAsStream(name)) {
                if (in == null) {
                    throw new IOException("the jar has no " + name);
                }
                Path file =
                        Files.createTempFile(
                                "hfxd2d",
                                ".so",
                                PosixFilePermissions.asFileAttribute(
                                        PosixFilePermissions.fromString("rwx------")));
                try {
                    try (OutputStream out = Files.newOutputStream(file)) {
                        in.transferTo(out);
                    }
                    System.load(file.toString());
                } finally {
                    Files.deleteIfExists(file);
                }
            }
        }

        private static String resourceName() throws IOException {
            String system = System.getProperty("os.name", "");
            if (!system.equals("Linux")) {
                throw new IOException("there is none for " + system);
            }
            String architecture = System.getProperty("os.arch", "");
            return "/native/linux-"
                    + (architecture.equals("amd64") ? "x86_64" : architecture)
                    + "/libhfxd2d.so";
        }
    }
}
