package io.hfx.plugin.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessKeysTest {
    private static final String SECRET = "hfx-test";
    private static final String LINE =
            new AccessKey(Role.INFERENCE, "web", AccessKey.hash(SECRET), Set.of("chat")).line();

    @TempDir Path folder;

    private static String message(String text) {
        return assertThrows(ConfigException.class, () -> AccessKeys.parse(text, "keys"))
                .getMessage();
    }

    @Test
    void linesAreReadBack() {
        AccessKeys keys =
                AccessKeys.parse(
                        "# keys\n\n"
                                + LINE
                                + " # of the web page\nadmin ops sha256:"
                                + "0".repeat(64)
                                + "\r\n",
                        "keys");
        AccessKey web = keys.find(SECRET).orElseThrow();
        assertEquals("inference web", web.toString());
        assertEquals(Set.of("chat"), web.sloClasses());
        assertEquals(2, keys.all().size());
        assertNull(keys.all().get(1).sloClasses());
        assertTrue(keys.find(SECRET + "x").isEmpty());
        assertTrue(keys.find("").isEmpty());
    }

    /** The hash is plain SHA-256, so that sha256sum can make it: FIPS 180-2's example. */
    @Test
    void theHashIsThatOfTheStandard() {
        assertTrue(
                new AccessKey(Role.ADMIN, "a", AccessKey.hash("abc"), null)
                        .line()
                        .endsWith(
                                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    }

    @Test
    void wrongLinesAreNamedWithoutTheirSecrets() {
        assertTrue(message("").contains("1 to 1000 keys, has 0"));
        for (String line :
                new String[] {
                    "inference web " + SECRET,
                    "inference web sha256:" + SECRET,
                    "inference " + SECRET,
                    SECRET + " web sha256:" + "0".repeat(64),
                    "inference web/" + SECRET + " sha256:" + "0".repeat(64),
                    "admin ops sha256:" + "0".repeat(64) + " classes=chat",
                    LINE + "," + " " + SECRET,
                    LINE + "\n" + LINE
                }) {
            String message = message("\n" + line);
            assertTrue(message.startsWith("keys: line "), message);
            assertFalse(message.contains(SECRET), message);
        }
        assertTrue(message((LINE + "\n").repeat(2)).contains("line 2: the name web stands twice"));
    }

    @Test
    void newKeysDiffer() {
        String first = AccessKey.newSecret();
        assertTrue(first.matches("hfx-[A-Za-z0-9_-]{43}"), first);
        assertNotEquals(first, AccessKey.newSecret());
    }

    @Test
    void aFileThatOthersCanReadIsRefused() throws Exception {
        Path file = Files.writeString(folder.resolve("keys"), LINE);
        for (String mode : new String[] {"rw-r-----", "rw----r--", "rw--w----", "rw-rw-rw-"}) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
            String message =
                    assertThrows(ConfigException.class, () -> AccessKeys.read(file)).getMessage();
            assertTrue(message.contains("run: chmod 600 " + file), message);
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
        assertEquals(1, AccessKeys.read(file).all().size());
        assertThrows(ConfigException.class, () -> AccessKeys.read(folder.resolve("none")));
    }

    @Test
    void aChangedFileIsReadAgainAndABrokenOneIsNot() throws Exception {
        Path file = folder.resolve("value");
        Files.writeString(file, "one");
        Reloaded<String> value = new Reloaded<>(List.of(file), () -> unlessWrong(file));
        assertEquals("one", value.get());
        value.refresh();
        Files.writeString(file, "second");
        assertEquals("one", value.get());
        value.refresh();
        assertEquals("second", value.get());
        Files.writeString(file, "wrong!");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1));
        value.refresh();
        assertEquals("second", value.get());
        Files.delete(file);
        value.refresh();
        assertEquals("second", value.get());
        Files.writeString(file, "third");
        value.refresh();
        assertEquals("third", value.get());
    }

    private static String unlessWrong(Path file) {
        try {
            String text = Files.readString(file);
            if (text.equals("wrong!")) {
                throw new ConfigException("wrong");
            }
            return text;
        } catch (IOException e) {
            throw new ConfigException(e.toString());
        }
    }
}
