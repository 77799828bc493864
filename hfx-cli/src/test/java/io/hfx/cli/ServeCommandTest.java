package io.hfx.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** A start that fails says why in one line. */
class ServeCommandTest {
    private static String failing(int exitCode, String... args) {
        StringWriter err = new StringWriter();
        CommandLine hfx = Hfx.commandLine().setErr(new PrintWriter(err, true));
        assertEquals(exitCode, hfx.execute(args), err.toString());
        return err.toString();
    }

    @Test
    void wrongOptionsAreNamed() {
        assertEquals(
                "hfx serve: hfx_model (--model) must name the folder of a checkpoint\n",
                failing(1, "serve"));
        assertEquals(
                "hfx serve: command line: hfx_port must be a whole number from 0 to 65535, was"
                        + " http\n",
                failing(1, "serve", "--model", "m", "--port", "http"));
        assertEquals(
                "hfx serve: Unknown option: '--prot' (see hfx serve --help)\n",
                failing(2, "serve", "--prot"));
    }
}
