package io.hfx.plugin.testing;

import io.hfx.plugin.auth.AccessKey;
import io.hfx.plugin.auth.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** A file of keys that only its owner can read, and the keys in clear. */
public final class KeysFile {
    public final Path path;

    public KeysFile(Path folder) throws IOException {
        path = folder.resolve("keys");
        Files.createFile(
                path,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    /** Adds a key and gives the header that states it. */
    public String add(Role role, String name, String... classes) throws IOException {
        String secret = AccessKey.newSecret();
        Set<String> allowed =
                classes.length == 0 ? null : Arrays.stream(classes).collect(Collectors.toSet());
        AccessKey key = new AccessKey(role, name, AccessKey.hash(secret), allowed);
        Files.writeString(path, key.line() + "\n", StandardOpenOption.APPEND);
        return "Authorization: Bearer " + secret;
    }
}
