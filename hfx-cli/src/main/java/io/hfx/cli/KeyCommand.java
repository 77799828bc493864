package io.hfx.cli;

import io.hfx.plugin.auth.AccessKey;
import io.hfx.plugin.auth.AccessKeys;
import io.hfx.plugin.auth.Role;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Makes a key: its line goes into the file, the key itself is printed once and kept nowhere. That
 * of the workers, which both ends of a link must have, is the file's own content, and is not
 * printed.
 */
@Command(
        name = "key",
        description = "Make a key for clients of a server.",
        mixinStandardHelpOptions = true)
final class KeyCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
            names = "--file",
            required = true,
            paramLabel = "FILE",
            description =
                    "Keys file (hfx_keys_file), made where it is missing; with --role worker the new"
                            + " file of the secret (hfx_worker_key_file).")
    private Path file;

    @Option(
            names = "--role",
            defaultValue = "inference",
            paramLabel = "ROLE",
            description = "inference, admin or worker (default ${DEFAULT-VALUE}).")
    private String role;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "1 to 64 letters, digits or . _ -, not yet in the file; not for worker.")
    private @Nullable String name;

    @Option(
            names = "--classes",
            split = ",",
            paramLabel = "A",
            description = "SLO classes that it may use (default: all).")
    private @Nullable List<String> classes;

    @Override
    public Integer call() {
        String secret = AccessKey.newSecret();
        if (role() == Role.WORKER) {
            return worker(secret);
        }
        AccessKey key = new AccessKey(role(), name(), AccessKey.hash(secret), allowed());
        try {
            append(key);
        } catch (IOException e) {
            throw new UserError(file + ": cannot be written: " + e);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(secret);
        out.flush();
        return 0;
    }

    /** A file that exists is never overwritten: it is some fleet's secret. */
    private int worker(String secret) {
        if (name != null || classes != null) {
            throw wrong("--name and --classes are not for the role worker");
        }
        try {
            create();
            Files.writeString(file, secret + "\n");
        } catch (IOException e) {
            throw new UserError(file + ": cannot be made: " + e);
        }
        return 0;
    }

    private void create() throws IOException {
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    private void append(AccessKey key) throws IOException {
        if (Files.notExists(file)) {
            create();
        }
        String text = Files.size(file) == 0 ? "" : known();
        String gap = text.isEmpty() || text.endsWith("\n") ? "" : "\n";
        String all = text + gap + key.line() + "\n";
        AccessKeys.parse(all, file.toString());
        Files.writeString(file, gap + key.line() + "\n", StandardOpenOption.APPEND);
    }

    /** Of a file that the server would take. */
    private String known() throws IOException {
        AccessKeys.read(file);
        return Files.readString(file);
    }

    private Role role() {
        return Role.of(role)
                .orElseThrow(() -> wrong("--role must be " + Role.known() + ", was " + role));
    }

    private String name() {
        String given = name;
        if (given == null) {
            throw wrong("Missing required option: '--name=NAME'");
        }
        if (!AccessKey.isName(given)) {
            throw wrong("--name must be 1 to 64 letters, digits or . _ -, was " + given);
        }
        return given;
    }

    private @Nullable Set<String> allowed() {
        if (classes == null) {
            return null;
        }
        if (role() != Role.INFERENCE) {
            throw wrong("--classes is for the role inference only");
        }
        return new LinkedHashSet<>(classes);
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
