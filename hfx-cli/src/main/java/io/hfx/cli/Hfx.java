package io.hfx.cli;

import io.hfx.cli.simulate.SimulateCommand;
import io.hfx.engine.checkpoint.CheckpointException;
import io.hfx.plugin.config.ConfigException;
import io.hfx.simulator.profile.ProfileException;
import io.hfx.simulator.scenario.ScenarioException;
import io.hfx.simulator.workload.WorkloadException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The {@code hfx} program. Exit codes: 0 done, 1 failed, 2 wrong usage. An error is one line on
 * stderr; {@code --debug} adds the stack trace.
 */
@Command(
        name = "hfx",
        description = "Multi-SLO LLM serving.",
        mixinStandardHelpOptions = true,
        versionProvider = Hfx.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            ServeCommand.class,
            KeyCommand.class,
            BenchCommand.class,
            SimulateCommand.class,
            ModelCommand.class
        })
public final class Hfx implements Runnable {
    @Spec private CommandSpec spec;

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Show stack traces of errors.")
    private boolean debug;

    Hfx() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The parser with all commands and the project's way of showing errors. */
    static CommandLine commandLine() {
        Hfx root = new Hfx();
        return new CommandLine(root)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Hfx::wrongUsage)
                .setExecutionExceptionHandler(root::failed);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "missing command");
    }

    private static int wrongUsage(ParameterException e, String[] args) {
        PrintWriter err = e.getCommandLine().getErr();
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        err.println(command + ": " + e.getMessage() + " (see " + command + " --help)");
        return CommandLine.ExitCode.USAGE;
    }

    private int failed(Exception e, CommandLine commandLine, ParseResult parsed) {
        PrintWriter err = commandLine.getErr();
        String command = commandLine.getCommandSpec().qualifiedName();
        err.println(command + ": " + (isForUser(e) ? e.getMessage() : "unexpected " + e));
        if (debug) {
            e.printStackTrace(err);
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    private static boolean isForUser(Exception e) {
        return e instanceof UserError
                || e instanceof ConfigException
                || e instanceof WorkloadException
                || e instanceof ScenarioException
                || e instanceof ProfileException
                || e instanceof CheckpointException;
    }

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Hfx.class.getPackage().getImplementationVersion();
            return new String[] {
                "hfx " + (version == null ? "(unpackaged)" : version),
                "Java " + System.getProperty("java.version")
            };
        }
    }
}
