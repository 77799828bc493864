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
    public static final Path TINY = create(SampleForm.LLAMA, SampleModel.Size.TINY);

    private SampleFixture() {}

    /** A new micro model of a form; deleted when this JVM ends. */
    public static Path micro(SampleForm form) {
        return create(form, SampleModel.Size.MICRO);
    }

    private static Path create(SampleForm form, SampleModel.Size size) {
        try {
            Path dir = Files.createTempDirectory("hfx-sample");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(dir)));
            SampleModel.create(form, size, dir, 0);
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
