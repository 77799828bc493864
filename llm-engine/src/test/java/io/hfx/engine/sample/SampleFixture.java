package io.hfx.engine.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** One tiny sample model for all tests of this JVM; deleted when it ends. Not to be changed. */
public final class SampleFixture {
    public static final Path TINY = create();

    private SampleFixture() {}

    private static Path create() {
        try {
            Path dir = Files.createTempDirectory("hfx-tiny");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(dir)));
            SampleModel.create(SampleModel.Size.TINY, dir, 0);
            return dir;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path dir) {
        try (Stream<Path> files = Files.walk(dir)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
