package io.hfx.cli.process;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How to start this program again in another process.
 *
 * <p>The class path goes by the environment, not by the command line: with a command line of more
 * than 4096 bytes the start of a server was seen to end in SIGSEGV, before the JVM could say why.
 *
 * @param prefix of every command: Java, its options and the main class
 * @param classPath of the process, as in {@code CLASSPATH}
 */
public record Program(List<String> prefix, String classPath) {
    public Program {
        prefix = List.copyOf(prefix);
    }

    /** With the Java, options and class path of this process. */
    public static Program ofThisProcess(String mainClass) {
        List<String> prefix = new ArrayList<>();
        prefix.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        prefix.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        prefix.add(mainClass);
        return new Program(prefix, System.getProperty("java.class.path"));
    }

    /** The same on one core only, by {@code taskset} (util-linux). */
    public Program onCore(int core) {
        List<String> pinned = new ArrayList<>(List.of("taskset", "-c", String.valueOf(core)));
        pinned.addAll(prefix);
        return new Program(pinned, classPath);
    }

    /** A process that runs it with these arguments. */
    public ProcessBuilder with(String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(arguments));
        ProcessBuilder process = new ProcessBuilder(command);
        process.environment().put("CLASSPATH", classPath);
        return process;
    }
}
