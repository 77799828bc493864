package io.hfx.benchmarks.clone;

import io.hfx.benchmarks.CpuUse;
import io.hfx.benchmarks.Machine;
import io.hfx.benchmarks.clone.CloneReport.Round;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program. Exit codes: 0 measured, 1 failed, 2 wrong usage. */
@Command(
        name = "clone",
        description = {
            "Measures every way of a synthetic weight image into a process, side by side:",
            "disk, memory, shared memory, TCP, chains and stars. Writes clone.json.",
            "Needs Linux, the native library (g++ at build time) and dd of the GNU coreutils."
        },
        mixinStandardHelpOptions = true)
public final class CloneBench implements Callable<Integer> {
    private static final int MAX_IMAGE_MIB = 16 << 10;

    @Spec private CommandSpec spec;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "benchmarks/target/clone",
            description =
                    "Folder of the result and, meanwhile, of the image's file; on the disk"
                            + " that is to be measured (default ${DEFAULT-VALUE}).")
    private Path out;

    @Option(
            names = "--image-mib",
            defaultValue = "1024",
            description =
                    "Size of the image, a multiple of 4, at most 16384 (default"
                            + " ${DEFAULT-VALUE}). Takes up to seven times as much memory.")
    private int imageMib;

    @Option(
            names = "--rounds",
            defaultValue = "7",
            description = "How often all ways are measured (default ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--links",
            split = ",",
            defaultValue = "1,2,4",
            description = "Numbers of TCP connections (default ${DEFAULT-VALUE}).")
    private List<Integer> links;

    @Option(
            names = "--receivers",
            split = ",",
            defaultValue = "1,2,4",
            description = "Numbers of receivers of the paced fan-out (default ${DEFAULT-VALUE}).")
    private List<Integer> receivers;

    @Option(
            names = "--paced-mb",
            defaultValue = "150",
            description =
                    "Egress of every node in the fan-out, in MB/s (default" + " ${DEFAULT-VALUE}).")
    private int pacedMb;

    @Option(
            names = "--only",
            paramLabel = "REGEX",
            defaultValue = ".*",
            description = "Only ways whose name it matches (default: all).")
    private Pattern only;

    private record Settings(
            int imageMib,
            int rounds,
            List<Integer> links,
            List<Integer> receivers,
            int pacedMbPerSecond,
            String only,
            String coldPageCache,
            String warmMemory) {}

    private CloneBench() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new CloneBench());
    }

    @Override
    public Integer call() throws Exception {
        check("--image-mib", imageMib, 4, MAX_IMAGE_MIB);
        check("--rounds", rounds, 1, 1000);
        check("--paced-mb", pacedMb, 1, 100_000);
        links.forEach(count -> check("--links", count, 1, 64));
        receivers.forEach(count -> check("--receivers", count, 1, 16));
        if (imageMib % 4 != 0) {
            throw new ParameterException(spec.commandLine(), "--image-mib must be a multiple of 4");
        }
        Path result = Files.createDirectories(out).resolve("clone.json");
        if (Files.exists(result)) {
            throw new ParameterException(
                    spec.commandLine(), result + " exists: move it away or choose another --out");
        }
        Path folder = Files.createTempDirectory("hfx-clone");
        Path file = out.resolve("image.safetensors");
        try (Peer peer = new Peer(imageMib, folder);
                Joiner joiner = new Joiner(peer)) {
            measure(joiner, ways(joiner, file), result);
        } finally {
            Files.deleteIfExists(file);
            delete(folder);
        }
        System.out.println("written: " + result);
        return 0;
    }

    private void check(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new ParameterException(
                    spec.commandLine(),
                    "%s is %d; allowed: %d to %d".formatted(option, value, least, most));
        }
    }

    private List<Way> ways(Joiner joiner, Path file) throws Exception {
        List<Way> all = new ArrayList<>(new MemoryWays(joiner).all());
        all.addAll(new DiskWays(joiner, file).all());
        all.addAll(new SocketWays(joiner, links).all());
        all.addAll(new FanOutWays(joiner, receivers, pacedMb * 1_000_000L).all());
        List<Way> chosen = all.stream().filter(way -> only.matcher(way.name()).matches()).toList();
        if (chosen.isEmpty()) {
            List<String> names = all.stream().map(Way::name).toList();
            throw new ParameterException(
                    spec.commandLine(), "--only " + only + " matches none of " + names);
        }
        return chosen;
    }

    /** Round 0 warms up what has a warm state and is not kept; no way is always first. */
    private void measure(Joiner joiner, List<Way> ways, Path result) throws Exception {
        CloneReport report = new CloneReport(result, command(), settings());
        for (Way way : ways) {
            if (!way.name().startsWith("paced")) {
                way.measured().run();
            }
        }
        for (int round = 0; round < rounds; round++) {
            List<Way> order = new ArrayList<>(ways);
            Collections.rotate(order, -round * ways.size() / rounds);
            report.add(measure(joiner, order, round));
        }
    }

    private static Round measure(Joiner joiner, List<Way> ways, int round) throws Exception {
        String begun = CloneReport.now();
        double load = Machine.loadAverage();
        CpuUse.Since since = CpuUse.start(joiner.peer.process());
        long startNanos = System.nanoTime();
        List<Figure> figures = new ArrayList<>();
        for (Way way : ways) {
            figures.add(measure(joiner, way, round));
        }
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        return new Round(round, begun, load, seconds, since.now(), figures);
    }

    private static Figure measure(Joiner joiner, Way way, int round) throws Exception {
        Figure figure = way.measured().run().figure(round, way.name(), joiner.bytes);
        System.out.printf(
                Locale.ROOT,
                "%d %-20s %8.2f GB/s  %s%n",
                round,
                figure.path(),
                figure.gbPerSecond(),
                figure.millis());
        return figure;
    }

    private Settings settings() {
        return new Settings(
                imageMib,
                rounds,
                links,
                receivers,
                pacedMb,
                only.pattern(),
                "disk-cold*: the file's pages dropped by POSIX_FADV_DONTNEED (dd iflag=nocache"
                        + " count=0); storage_mib says what was then read from the disk",
                "all but allocate*, disk-*-open and shm-attach go into memory that was faulted in"
                        + " before");
    }

    /** As it was typed. */
    private String command() {
        return "benchmarks/clone "
                + String.join(" ", spec.commandLine().getParseResult().originalArgs());
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> inside = Files.walk(folder)) {
            inside.sorted(Comparator.reverseOrder())
                    .forEach(
                            path -> {
                                try {
                                    Files.deleteIfExists(path);
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            });
        }
    }
}
