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

/** Makes a key: its line goes into the file, the key itself is printed once and kept nowhere. */
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
            description = "Keys file (hfx_keys_file); made where it is missing.")
    private Path file;

    @Option(
            names = "--role",
            defaultValue = "inference",
            paramLabel = "ROLE",
            description = "inference, admin or worker (default ${DEFAULT-VALUE}).")
    private String role;

    @Option(
            names = "--name",
            required = true,
            paramLabel = "NAME",
            description = "1 to 64 letters, digits or . _ -, not yet in the file.")
    private String name;

    @Option(
            names = "--classes",
            split = ",",
            paramLabel = "A",
            description = "SLO classes that it may use (default: all).")
    private @Nullable List<String> classes;

    @Override
    public Integer call() {
        String secret = AccessKey.newSecret();
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

    private void append(AccessKey key) throws IOException {
        if (Files.notExists(file)) {
            Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
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
        if (!AccessKey.isName(name)) {
            throw wrong("--name must be 1 to 64 letters, digits or . _ -, was " + name);
        }
        return name;
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
