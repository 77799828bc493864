package io.hfx.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.auth.AccessKey;
import io.hfx.plugin.auth.AccessKeys;
import io.hfx.plugin.auth.Role;
import io.hfx.plugin.auth.WorkerKeyFile;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyCommandTest {
    @TempDir Path dir;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int key(String... args) {
        String[] all = new String[args.length + 3];
        System.arraycopy(args, 0, all, 3, args.length);
        all[0] = "key";
        all[1] = "--file";
        all[2] = dir.resolve("keys").toString();
        return Hfx.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err, true))
                .execute(all);
    }

    @Test
    void thePrintedKeyIsTheOneInTheFile() throws Exception {
        assertEquals(0, key("--name", "web", "--classes", "chat,code"), err.toString());
        Path file = dir.resolve("keys");
        String secret = out.toString().strip();
        AccessKey web = AccessKeys.read(file).find(secret).orElseThrow();
        assertEquals(Role.INFERENCE, web.role());
        assertEquals(Set.of("chat", "code"), web.sloClasses());
        assertFalse(Files.readString(file).contains(secret));
        assertEquals(0, key("--name", "ops", "--role", "admin"), err.toString());
        assertEquals(2, AccessKeys.read(file).all().size());
    }

    @Test
    void whatCannotBeAKeyIsRefusedAndWritesNothing() throws Exception {
        assertEquals(0, key("--name", "web"), err.toString());
        String before = Files.readString(dir.resolve("keys"));
        assertEquals(1, key("--name", "web"));
        assertTrue(err.toString().contains("the name web stands twice"), err.toString());
        assertEquals(2, key("--name", "a b"));
        assertEquals(2, key("--name", "b", "--role", "root"));
        assertEquals(2, key("--name", "b", "--role", "admin", "--classes", "chat"));
        assertEquals(1, key("--name", "b", "--classes", "no such"));
        assertEquals(before, Files.readString(dir.resolve("keys")));
        Files.setPosixFilePermissions(
                dir.resolve("keys"), PosixFilePermissions.fromString("rw-r--r--"));
        assertEquals(1, key("--name", "late"));
        assertTrue(err.toString().contains("chmod 600"), err.toString());
        assertEquals(before, Files.readString(dir.resolve("keys")));
    }

    @Test
    void theWorkersSecretIsTheFileItself() throws Exception {
        assertEquals(2, key("--name", "w", "--role", "worker"));
        assertEquals(0, key("--role", "worker"), err.toString());
        Path file = dir.resolve("keys");
        assertEquals("", out.toString());
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals("WorkerKey", WorkerKeyFile.read(file).toString());
        String before = Files.readString(file);
        assertEquals(1, key("--role", "worker"));
        assertEquals(before, Files.readString(file));
        assertEquals(2, key("--role", "inference"));
    }
}
