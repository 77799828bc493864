package io.hfx.benchmarks.seed;

import io.hfx.benchmarks.CpuUse;
import io.hfx.benchmarks.Machine;
import io.hfx.benchmarks.seed.SeedReport.Run;
import io.hfx.d2d.device.Device;
import io.hfx.d2d.device.DeviceMemory;
import io.hfx.d2d.image.HostImageMemory;
import io.hfx.d2d.image.ImageKey;
import io.hfx.d2d.transfer.CloneListener;
import io.hfx.d2d.transfer.ImageClone;
import io.hfx.d2d.transfer.Introduction;
import io.hfx.d2d.transfer.PartialImage;
import io.hfx.d2d.transfer.TransferLimits;
import io.hfx.d2d.transfer.Wanted;
import io.hfx.d2d.transfer.WorkerKey;
import io.hfx.plugin.auth.AccessKey;
import io.hfx.plugin.auth.WorkerKeyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program. Exit codes: 0 measured, 1 failed, 2 wrong usage. */
@Command(
        name = "seed",
        description = {
            "Measures what giving its weights away over TCP costs a server's own requests: TPOT",
            "before and while images are pulled from it, with the throttle on and off, and with",
            "no transfer at all. Writes seed.json. Needs Linux and taskset (util-linux)."
        },
        mixinStandardHelpOptions = true)
public final class SeedBench implements Callable<Integer> {
    /** Links of a joiner, as a server has them. */
    private static final int LINKS = 2;

    private static final int SETTLE_SECONDS = 2;

    @Spec private CommandSpec spec;

    @Option(names = "--model", required = true, description = "Folder of the checkpoint.")
    private Path model;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "benchmarks/target/seed",
            description = "Folder of the result (default ${DEFAULT-VALUE}).")
    private Path out;

    @Option(names = "--rounds", defaultValue = "5", description = "Rounds (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--seconds",
            defaultValue = "8",
            description =
                    "Measured before, and at least during, the transfers (${DEFAULT-VALUE});"
                            + " images are pulled one after the other until then.")
    private int seconds;

    @Option(names = "--streams", defaultValue = "4", description = "Clients (${DEFAULT-VALUE}).")
    private int streams;

    @Option(
            names = "--tokens",
            defaultValue = "32",
            description = "Of each answer (${DEFAULT-VALUE}).")
    private int tokens;

    @Option(
            names = "--percent",
            defaultValue = "5",
            description = "hfx_seed_slowdown_percent of the throttled seed (${DEFAULT-VALUE}).")
    private int percent;

    @Option(
            names = "--cores",
            split = ",",
            arity = "1",
            defaultValue = "0,1",
            description = "Of the seed, and of joiner and clients (${DEFAULT-VALUE}).")
    private int[] cores;

    private record Settings(
            String model,
            int rounds,
            int seconds,
            int streams,
            int tokens,
            int percent,
            int[] cores,
            int links) {}

    private enum Arm {
        NO_TRANSFER,
        UNTHROTTLED,
        THROTTLED;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private SeedBench() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new SeedBench());
    }

    @Override
    public Integer call() throws Exception {
        check("--rounds", rounds, 1, 1000);
        check("--seconds", seconds, 1, 3600);
        check("--streams", streams, 1, 64);
        check("--tokens", tokens, 2, 1024);
        check("--percent", percent, 1, 1000);
        if (cores.length != 2) {
            throw new ParameterException(spec.commandLine(), "--cores needs two");
        }
        Path result = Files.createDirectories(out).resolve("seed.json");
        Path key = key();
        pinThisProcess(cores[1]);
        try (SeedServer throttled = server(key, percent);
                SeedServer unthrottled = server(key, 0);
                Device host = Device.host()) {
            WorkerKey secret = WorkerKeyFile.read(key);
            var manifest =
                    Introduction.of(throttled.seed(), secret, Wanted.any(), TransferLimits.DEFAULT)
                            .manifest();
            try (DeviceMemory target = host.allocate(manifest.layout().blobBytes())) {
                Joining joining = new Joining(secret, manifest.key(), target);
                SeedReport report = new SeedReport(result, command(), settings());
                for (int round = 0; round < rounds; round++) {
                    List<Arm> order = new ArrayList<>(Arrays.asList(Arm.values()));
                    Collections.rotate(order, round);
                    for (Arm arm : order) {
                        SeedServer seed = arm == Arm.UNTHROTTLED ? unthrottled : throttled;
                        report.add(measure(round, arm, seed, joining));
                    }
                }
            }
        } finally {
            Files.deleteIfExists(key);
        }
        System.out.println("written: " + result);
        return 0;
    }

    private SeedServer server(Path key, int slowdownPercent)
            throws IOException, InterruptedException {
        return new SeedServer(
                cores[0],
                model,
                key,
                out.resolve("server-" + slowdownPercent + ".log"),
                Map.of("HFX_SEED_SLOWDOWN_PERCENT", Integer.toString(slowdownPercent)));
    }

    /** Pulls images, always into the same memory. */
    private record Joining(WorkerKey secret, ImageKey image, DeviceMemory target) {
        double pull(SeedServer seed) {
            PartialImage part = new PartialImage(segments -> new HostImageMemory(target));
            long startNanos = System.nanoTime();
            try (ImageClone clone =
                    new ImageClone(
                            secret, part, LINKS, TransferLimits.DEFAULT, CloneListener.NONE)) {
                clone.run(List.of(seed.seed()), Wanted.of(image));
            }
            return (System.nanoTime() - startNanos) / 1e9;
        }
    }

    private Run measure(int round, Arm arm, SeedServer seed, Joining joining) throws Exception {
        double load = Machine.loadAverage();
        try (DecodeStreams clients = new DecodeStreams(seed.base(), streams, tokens)) {
            TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
            CpuUse.Since since = CpuUse.start(seed.process());
            long beginNanos = System.nanoTime();
            TimeUnit.SECONDS.sleep(seconds);
            long startNanos = System.nanoTime();
            long leastNanos = TimeUnit.SECONDS.toNanos(seconds);
            List<Double> transfers = new ArrayList<>();
            while (System.nanoTime() - startNanos < leastNanos) {
                if (arm == Arm.NO_TRANSFER) {
                    TimeUnit.SECONDS.sleep(seconds);
                } else {
                    transfers.add(joining.pull(seed));
                }
            }
            long endNanos = System.nanoTime();
            Run run =
                    new Run(
                            round,
                            arm.label(),
                            load,
                            since.now(),
                            Run.tpotMillis(clients.within(beginNanos, startNanos)),
                            Run.tpotMillis(clients.within(startNanos, endNanos)),
                            transfers,
                            seed.weights().at("/seed/throttle"));
            say(run);
            return run;
        }
    }

    private static void say(Run run) {
        var before = SeedReport.Tpot.of(Arrays.stream(run.tpotBeforeMillis()));
        var during = SeedReport.Tpot.of(Arrays.stream(run.tpotDuringMillis()));
        System.out.printf(
                Locale.ROOT,
                "%d %-12s TPOT P50 %.1f -> %.1f ms, P99 %.1f -> %.1f ms, transfers %s s, %s%n",
                run.round(),
                run.arm(),
                before.p50(),
                during.p50(),
                before.p99(),
                during.p99(),
                run.transferSeconds().stream().map("%.2f"::formatted).toList(),
                run.throttle());
    }

    private void check(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new ParameterException(
                    spec.commandLine(),
                    "%s is %d; allowed: %d to %d".formatted(option, value, least, most));
        }
    }

    private static Path key() throws IOException {
        var ownerOnly =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Path key = Files.createTempFile("hfx-seed", ".key", ownerOnly);
        return Files.writeString(key, AccessKey.newSecret() + "\n");
    }

    private static void pinThisProcess(int core) throws IOException, InterruptedException {
        String pid = Long.toString(ProcessHandle.current().pid());
        Process taskset =
                new ProcessBuilder("taskset", "-a", "-c", "-p", Integer.toString(core), pid)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        if (taskset.waitFor() != 0) {
            throw new IOException("taskset could not bind this process to core " + core);
        }
    }

    private Settings settings() {
        return new Settings(
                model.getFileName().toString(),
                rounds,
                seconds,
                streams,
                tokens,
                percent,
                cores,
                LINKS);
    }

    /** As it was typed. */
    private String command() {
        return "benchmarks/seed "
                + String.join(" ", spec.commandLine().getParseResult().originalArgs());
    }
}
