package io.hfx.cli.demo;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How to start this program again in another process.
 *
 * @param prefix of every command: Java, its options, the class path and the main class
 */
public record Program(List<String> prefix) {
    public Program {
        prefix = List.copyOf(prefix);
    }

    /** With the Java, options and class path of this process. */
    public static Program ofThisProcess(String mainClass) {
        List<String> prefix = new ArrayList<>();
        prefix.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        prefix.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        prefix.add("-cp");
        prefix.add(System.getProperty("java.class.path"));
        prefix.add(mainClass);
        return new Program(prefix);
    }

    List<String> with(String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(arguments));
        return command;
    }
}
