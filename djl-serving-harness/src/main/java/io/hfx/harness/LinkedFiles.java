package io.hfx.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;

/** Copies that take no room, where the file system can. */
final class LinkedFiles {
    private LinkedFiles() {}

    /** All files of a folder, in another. */
    static void tree(Path from, Path into) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = into.resolve(from.relativize(file).toString());
                Files.createDirectories(Objects.requireNonNull(to.getParent()));
                one(file, to);
            }
        }
    }

    /** One file. */
    static void one(Path file, Path to) throws IOException {
        try {
            Files.createLink(to, file.toRealPath());
        } catch (IOException | UnsupportedOperationException e) {
            Files.copy(file, to);
        }
    }
}
