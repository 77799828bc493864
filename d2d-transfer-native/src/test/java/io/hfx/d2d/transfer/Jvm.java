package io.hfx.d2d.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A second JVM that hears lines and answers with lines. Its other output is passed over. */
final class Jvm implements AutoCloseable {
    private static final String MARK = "> ";

    private final Process process;
    private final BufferedReader lines;
    private final Writer words;

    private Jvm(Process process) {
        this.process = process;
        this.lines = process.inputReader(UTF_8);
        this.words = process.outputWriter(UTF_8);
    }

    /** Starts the main method of a class of the tests. */
    static Jvm start(Class<?> main, List<String> options, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return new Jvm(
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }

    /** Said by the other JVM, to be heard by {@link #answer}. */
    static void say(Object words) {
        System.out.println(MARK + words);
    }

    /** What it says next. */
    String answer() throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith(MARK)) {
                return line.substring(MARK.length());
            }
        }
        throw new IOException("the other JVM has ended");
    }

    /** Tells it something, and hears its answer. */
    String ask(String line) throws IOException {
        words.write(line + "\n");
        words.flush();
        return answer();
    }

    /** Ends it as the system would for want of memory. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Ends its input and waits for its own end. */
    int end() throws IOException, InterruptedException {
        words.close();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new IOException("the other JVM does not end");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
