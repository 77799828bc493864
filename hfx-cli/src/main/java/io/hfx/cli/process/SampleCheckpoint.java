package io.hfx.cli.process;

import io.hfx.cli.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The small sample model that commands serve where they are given none. */
public final class SampleCheckpoint {
    private SampleCheckpoint() {}

    /** Where commands keep what they make: {@code $XDG_CACHE_HOME/hfx}, or below the home. */
    public static Path cacheFolder() {
        String base =
                Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                        .filter(folder -> !folder.isBlank())
                        .orElse(System.getProperty("user.home") + "/.cache");
        return Path.of(base, "hfx");
    }

    /** The folder of the model in the cache. */
    public static Path inCache() {
        return cacheFolder().resolve("models").resolve("small");
    }

    /** Whether a checkpoint is there. */
    public static boolean exists(Path folder) {
        return Files.exists(folder.resolve("config.json"));
    }

    /**
     * Makes it in a process of its own.
     *
     * @param log gets the output of that
     */
    public static void make(Path folder, Program program, Children children, Path log)
            throws InterruptedException, IOException {
        Path made = folder.resolveSibling(folder.getFileName() + ".new");
        Files.createDirectories(made.toAbsolutePath().getParent());
        Process process =
                children.start(
                        program.with(
                                "model", "create", "--size", "small", "--out", made.toString()),
                        log);
        if (process.waitFor() != 0) {
            throw new UserError("the sample model could not be made, see " + log);
        }
        Files.move(made, folder);
    }
}
