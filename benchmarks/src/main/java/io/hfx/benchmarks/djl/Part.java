package io.hfx.benchmarks.djl;

import io.hfx.harness.DjlServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One of the program's parts, and what every one of them is told. */
abstract class Part implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "benchmarks/target/djl-serving",
            description = "Folder of the results (default ${DEFAULT-VALUE}).")
    Path out;

    @Option(
            names = "--plugin",
            paramLabel = "DIR",
            defaultValue = "djl-hfx-bootstrap/target/plugins/hfx",
            description = "The built plugin folder (default ${DEFAULT-VALUE}).")
    Path plugin;

    @Option(
            names = "--resume",
            description = "Go on after the last whole round of the result that is there.")
    boolean resume;

    @Option(
            names = "--stop-after",
            paramLabel = "ROUNDS",
            description = "Stop after so many new rounds; --resume goes on.")
    int stopAfter = Integer.MAX_VALUE;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Of arrivals and kinds of requests (default ${DEFAULT-VALUE}).")
    long seed;

    /** Name of the part, and of its file. */
    final String partName() {
        return spec.name();
    }

    Path resultFile() throws IOException {
        return Files.createDirectories(out).resolve(partName() + ".json");
    }

    /** As it was typed, from the part's name on. */
    String command() {
        return String.join(" ", List.copyOf(spec.commandLine().getParseResult().originalArgs()));
    }

    /** How many rounds there are to be after this call, of {@code all} and {@code done}. */
    int roundsToEndAt(int all, int done) {
        return stopAfter < all - done ? done + stopAfter : all;
    }

    /** That what is to be measured is there. */
    void check() {
        if (!Files.isDirectory(plugin)) {
            throw new DjlBench.UnusableException(
                    plugin + " is no plugin folder: build djl-hfx-bootstrap or say --plugin");
        }
        if (!DjlServer.isAvailable()) {
            throw new DjlBench.UnusableException("DJL_SERVING_HOME names no unpacked DJL Serving");
        }
    }
}
