package io.hfx.benchmarks.djl;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The program. Exit codes: 0 measured, 1 failed, 2 wrong usage. */
@Command(
        name = "djl-serving",
        description = {
            "Measures a stock DJL Serving against one with the plugin folder.",
            "DJL_SERVING_HOME names an unpacked DJL Serving. Each part writes PART.json."
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "PART",
        subcommandsRepeatable = true,
        subcommands = {
            UnloadedCommand.class,
            OverloadCommand.class,
            BatchCommand.class,
            OnnxCommand.class,
            ScaleCommand.class,
            ChurnCommand.class
        })
public final class DjlBench implements Runnable {
    @Spec private CommandSpec spec;

    private DjlBench() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new DjlBench())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(DjlBench::failed);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "missing part");
    }

    private static int failed(Exception e, CommandLine commandLine, ParseResult parsed) {
        PrintWriter err = commandLine.getErr();
        err.println(commandLine.getCommandSpec().qualifiedName() + ": " + e.getMessage());
        if (!(e instanceof UnusableException)) {
            e.printStackTrace(err);
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** Something the user can put right. */
    static final class UnusableException extends RuntimeException {
        UnusableException(String message) {
            super(message);
        }
    }
}
