package io.hfx.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class HfxTest {
    private final StringWriter err = new StringWriter();
    private final StringWriter out = new StringWriter();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|2|missing command",
                "fly|2|fly",
                "bench --workload chat|2|--url",
                "bench --url http://127.0.0.1:1|2|--workload",
                "bench --url ftp://x --workload chat|1|--url must read",
                "bench --url http://127.0.0.1:1 --workload poems|1|workload must be one of",
                "bench --url http://127.0.0.1:1 --trace /none.csv|1|/none.csv: cannot be read",
                "bench --url http://127.0.0.1:1 --workload chat --classes /none|1|/none: cannot",
                "bench --url http://127.0.0.1:1 --workload chat --rate x|2|--rate",
                "simulate|1|is missing; hfx simulate list",
                "simulate --scenario none|1|no scenario none; there are headline, smoke",
                "simulate --scenario smoke --policies fast|1|no policy fast; known policies:",
                "simulate --scenario smoke --policies hfx,hfx|1|name each policy once",
                "simulate --scenario smoke --workers 0|1|fleet.workers must be 1 to 10000",
                "simulate --scenario smoke --duration 1e9|1|run.seconds must be 0.1 to 86400",
                "simulate --scenario smoke --rates 0|1|run.rates must be 0.001 to 1000",
                "simulate --scenario smoke --profile h900|1|no latency profile h900",
                "simulate --scenario smoke --set fleet.speed=1|1|no field fleet.speed",
                "simulate --scenario smoke --sweep speed=1|1|--sweep takes one of [slo-scale",
                "simulate --scenario smoke --seeds 0|1|--seeds must be 1 to 1000",
                "simulate --scenario smoke --tuned /none|1|/none: there is no such file",
                "simulate --scenario smoke --policy-set x=1|1|--policy-set must read POLICY.KEY",
                "simulate --scenario azure-code --data /none|1|--data: no folder /none",
                "simulate fit /none --out x|1|/none: cannot be read",
                "simulate tune --scenario smoke --budget 0 --out x|1|--budget must be 1 to 1000",
                "demo --seconds 0|1|--seconds must be 1 to 3600"
            })
    void anErrorIsOneLineAndAnExitCode(String arguments, int exitCode, String message) {
        assertEquals(exitCode, run(arguments.isEmpty() ? new String[0] : arguments.split(" ")));

        String said = err.toString();
        assertTrue(said.contains(message), said);
        assertEquals(1, said.lines().count(), said);
    }

    @Test
    void debugAddsTheStackTrace() {
        run("bench", "--debug", "--url", "ftp://x", "--workload", "chat");

        assertTrue(err.toString().contains("at io.hfx.cli.bench.Target.parse"), err.toString());
    }

    @Test
    void helpListsTheCommands() {
        assertEquals(0, run("--help"));

        assertTrue(out.toString().contains("bench"), out.toString());
        assertTrue(out.toString().contains("demo"), out.toString());
    }

    private int run(String... arguments) {
        CommandLine commandLine = Hfx.commandLine();
        commandLine.setErr(new PrintWriter(err, true));
        commandLine.setOut(new PrintWriter(out, true));
        return commandLine.execute(arguments);
    }
}
