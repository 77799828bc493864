package io.hfx.plugin.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hfx.d2d.transfer.WorkerKey;
import io.hfx.plugin.config.ConfigException;
import java.nio.file.Path;

/** The file of the secret that all workers of a fleet share; blanks around it do not count. */
public final class WorkerKeyFile {
    private WorkerKeyFile() {}

    /**
     * Reads a file that only its owner may read.
     *
     * @throws ConfigException if it cannot be read, others can read it, or it is too short or long
     */
    public static WorkerKey read(Path file) {
        byte[] secret = PrivateFile.text(file).strip().getBytes(UTF_8);
        try {
            return WorkerKey.of(secret);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(file + ": " + e.getMessage());
        }
    }
}
