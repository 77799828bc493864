package io.hfx.cli.clone;

import io.hfx.cli.UserError;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes the system forget the pages of a checkpoint's weights, so that a disk has to read them. */
final class ColdFiles {
    private ColdFiles() {}

    /** Whether this system has what it takes: Linux, and dd of the GNU coreutils. */
    static boolean areThere() {
        try {
            return Files.isReadable(Path.of("/proc/self/io"))
                    && dd("if=/dev/null", "iflag=nocache").waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** POSIX_FADV_DONTNEED for all of each file; pages that are dirty or mapped stay. */
    static void forget(Path model) throws InterruptedException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(model, "*.safetensors")) {
            for (Path file : files) {
                if (dd("if=" + file, "iflag=nocache").waitFor() != 0) {
                    throw new UserError("dd could not drop " + file + " from the page cache");
                }
            }
        } catch (IOException e) {
            throw new UserError("cannot drop the files of " + model + ": " + e);
        }
    }

    private static Process dd(String from, String flag) throws IOException {
        return new ProcessBuilder("dd", from, flag, "count=0", "status=none")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
