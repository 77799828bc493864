package io.hfx.plugin.auth;

import io.hfx.plugin.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/**
 * Files that others must not read. The rule is PostgreSQL's for its TLS key: a file of our own user
 * is for the owner only; one of root, whose group we are in (as a mounted secret is), may be
 * readable by the group.
 */
final class PrivateFile {
    private static final long MOST_BYTES = 1 << 20;

    private PrivateFile() {}

    /**
     * The text of a file.
     *
     * @throws ConfigException if it cannot be read, is larger than 1 MiB, or others may read it
     */
    static String text(Path file) {
        check(file);
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new ConfigException(file + ": must be at most " + MOST_BYTES + " bytes");
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new ConfigException(file + ": cannot be read: " + e);
        }
    }

    /**
     * Checks that only those may read a file who should. Does nothing where the file system has no
     * such permissions.
     *
     * @throws ConfigException that names the command to run
     */
    static void check(Path file) {
        PosixFileAttributeView view =
                Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view == null) {
            return;
        }
        PosixFileAttributes attributes;
        try {
            attributes = view.readAttributes();
        } catch (IOException e) {
            throw new ConfigException(file + ": cannot be read: " + e);
        }
        String owner = attributes.owner().getName();
        boolean mountedForUs =
                owner.equals("root") && !owner.equals(System.getProperty("user.name"));
        Set<PosixFilePermission> allowed =
                EnumSet.of(
                        PosixFilePermission.OWNER_READ,
                        PosixFilePermission.OWNER_WRITE,
                        PosixFilePermission.OWNER_EXECUTE);
        if (mountedForUs) {
            allowed.add(PosixFilePermission.GROUP_READ);
        }
        if (!allowed.containsAll(attributes.permissions())) {
            throw new ConfigException(
                    file
                            + ": others may read or write it; run: chmod "
                            + (mountedForUs ? "640 " : "600 ")
                            + file);
        }
    }
}
