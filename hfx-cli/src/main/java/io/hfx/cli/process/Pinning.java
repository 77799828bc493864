package io.hfx.cli.process;

import io.hfx.cli.UserError;
import java.io.IOException;

/** Binds processes to cores, by {@code taskset} (util-linux). */
public final class Pinning {
    private Pinning() {}

    /** Keeps all threads of this process on one core, for the rest of its life. */
    public static void thisProcess(int core) throws InterruptedException {
        String pid = String.valueOf(ProcessHandle.current().pid());
        try {
            Process process =
                    new ProcessBuilder("taskset", "-a", "-c", "-p", String.valueOf(core), pid)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (process.waitFor() != 0) {
                throw new UserError("taskset could not bind this process to core " + core);
            }
        } catch (IOException e) {
            throw new UserError("no taskset here: leave --pin out");
        }
    }
}
