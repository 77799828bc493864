package io.hfx.d2d.device;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/** A second JVM and what it does; it prints a line for each thing done. */
final class OtherJvm implements AutoCloseable {
    private final Process process;
    private final BufferedReader lines;

    private OtherJvm(Process process) {
        this.process = process;
        this.lines = process.inputReader();
    }

    /**
     * Starts it.
     *
     * @param options of the JVM
     * @param environment added to this process's
     */
    static OtherJvm start(
            List<String> options, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-Xmx64m", "-cp", System.getProperty("java.class.path")));
        command.add(OtherJvm.class.getName());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return new OtherJvm(builder.start());
    }

    /** The next line; null at the end. */
    String line() throws IOException {
        return lines.readLine();
    }

    List<String> allLines() throws IOException {
        List<String> all = new ArrayList<>();
        for (String line = line(); line != null; line = line()) {
            all.add(line);
        }
        return all;
    }

    /** Lets a process go on that waits. */
    void proceed() throws IOException {
        OutputStream in = process.getOutputStream();
        in.write('\n');
        in.flush();
    }

    void kill() {
        process.destroyForcibly();
    }

    int exitCode() throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the other JVM does not end");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** What runs in the other JVM: {@code host} or {@code attach KIND SOCKET}. */
    public static void main(String[] arguments) throws Exception {
        try {
            if (arguments[0].equals("host")) {
                useHost();
            } else {
                attach(Device.Kind.valueOf(arguments[1]), Path.of(arguments[2]));
            }
        } catch (DeviceException e) {
            System.out.println(e.code() + " " + e.nativeCode() + " " + e.getMessage());
        }
    }

    private static void useHost() throws InterruptedException {
        for (int i = 0; i < 2; i++) {
            try (Device host = Device.host();
                    DeviceMemory from = host.allocate(100_000);
                    DeviceMemory to = host.allocate(100_000);
                    CopyJob job = CopyJob.start(from.all(), to.all())) {
                System.out.println(
                        host.getClass().getSimpleName() + " " + job.await(Duration.ofSeconds(30)));
            }
        }
        Device.open(Device.Kind.CUDA, 0).close();
    }

    /** Prints the checksums of what it attached to and of a copy of it, twice. */
    private static void attach(Device.Kind kind, Path socket) throws Exception {
        try (Device host = Device.host();
                Device device = Device.open(kind, 0);
                DeviceMemory attached = device.attach(socket, Duration.ofSeconds(30))) {
            print(host, kind, attached);
            System.in.read();
            print(host, kind, attached);
        }
        if (DeviceCounts.now().memories() > 0) {
            System.gc(); // the views of print
        }
        System.out.println(
                Eventually.holds(() -> DeviceCounts.now().descriptors() == 0)
                        && DeviceCounts.now().failedReleases() == 0);
    }

    private static void print(Device host, Device.Kind kind, DeviceMemory attached)
            throws InterruptedException {
        try (DeviceMemory copy = host.allocate(attached.bytes());
                CopyJob job = CopyJob.start(attached.all(), copy.all())) {
            boolean done = job.await(Duration.ofSeconds(60));
            System.out.println(
                    new String(attached.label(), StandardCharsets.UTF_8)
                            + " "
                            + (done ? checksum(copy) : "?")
                            + " "
                            + (kind == Device.Kind.HOST ? checksum(attached) : "-"));
        }
    }

    static long checksum(DeviceMemory memory) {
        CRC32C sum = new CRC32C();
        sum.update(memory.all().view());
        return sum.getValue();
    }
}
