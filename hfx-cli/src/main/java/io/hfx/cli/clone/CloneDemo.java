package io.hfx.cli.clone;

import com.fasterxml.jackson.databind.JsonNode;
import io.hfx.cli.UserError;
import io.hfx.cli.process.Children;
import io.hfx.cli.process.Program;
import io.hfx.cli.process.SampleCheckpoint;
import io.hfx.d2d.device.Device;
import io.hfx.plugin.auth.AccessKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One server that has its weights from disk, and servers that get them by every path of this
 * machine, one after the other, each a process of its own. All must answer alike.
 */
public final class CloneDemo {
    private static final String DISK = "disk";
    private static final String COLD = "disk-cold";
    private static final List<Integer> TCP_LINKS = List.of(1, 2, 4);

    private final Path model;
    private final Path work;
    private final int runs;
    private final Program program;
    private final PrintWriter terminal;

    /**
     * @param model folder of the checkpoint; the sample model is made where there is none
     * @param work folder for logs
     * @param runs of each path, of which medians are shown
     * @param program starts servers
     * @param terminal told what is going on
     */
    public CloneDemo(Path model, Path work, int runs, Program program, PrintWriter terminal) {
        this.model = model;
        this.work = work;
        this.runs = runs;
        this.program = program;
        this.terminal = terminal;
    }

    /** Runs it all; whatever happens, no process stays behind. */
    public CloneReport run() throws InterruptedException {
        try (Children children = new Children()) {
            Files.createDirectories(work);
            if (!SampleCheckpoint.exists(model)) {
                say("making the sample model in %s", model);
                SampleCheckpoint.make(model, program, children, work.resolve("model.log"));
            }
            Path key = key();
            try {
                return compare(children, key);
            } finally {
                Files.deleteIfExists(key);
            }
        } catch (IOException e) {
            throw new UserError("cannot write to " + work + ": " + e);
        }
    }

    /** The secret of this run, gone with it. */
    private Path key() throws IOException {
        Path key =
                Files.createTempFile(
                        work,
                        "worker",
                        ".key",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(key, AccessKey.newSecret() + "\n");
    }

    private CloneReport compare(Children children, Path key) throws InterruptedException {
        say("starting the seed from disk");
        try (ClonedServer seed =
                server(children, key, new Way("seed", DISK), List.of("--seed-address", "0"))) {
            String expected = seed.answer();
            String address = seed.weights().at("/seed/address").asText();
            Map<String, List<CloneStart>> starts = new LinkedHashMap<>();
            for (int run = 1; run <= runs; run++) {
                for (Way way : ways()) {
                    say("run %d of %d: a server by %s", run, runs, way.name());
                    if (way.name().equals(COLD)) {
                        ColdFiles.forget(model);
                    }
                    List<String> options =
                            way.source().equals(DISK)
                                    ? List.of()
                                    : List.of("--clone-from", address);
                    try (ClonedServer joiner = server(children, key, way, options)) {
                        starts.computeIfAbsent(way.name(), p -> new ArrayList<>())
                                .add(measured(joiner, way.source(), expected));
                    }
                }
            }
            return new CloneReport(model.getFileName().toString(), starts);
        }
    }

    /**
     * How a server gets its weights.
     *
     * @param source as {@code hfx_weight_sources} names it
     * @param links over TCP, 1 to 8
     */
    private record Way(String name, String source, int links) {
        /** Not over TCP. */
        Way(String name, String source) {
            this(name, source, 1);
        }
    }

    /** All that this machine has. The cold disk comes first, so that the next one is warm. */
    private static List<Way> ways() {
        List<Way> ways = new ArrayList<>();
        if (ColdFiles.areThere()) {
            ways.add(new Way(COLD, DISK));
        }
        ways.add(new Way(DISK, DISK));
        try (Device host = Device.host()) {
            if (host.shares()) {
                ways.add(new Way("attach", "attach"));
                ways.add(new Way("copy", "copy"));
            }
        }
        for (int links : TCP_LINKS) {
            ways.add(new Way("tcp-" + links, "tcp", links));
        }
        return ways;
    }

    private CloneStart measured(ClonedServer server, String path, String expected)
            throws InterruptedException {
        JsonNode weights = server.weights();
        String source = weights.at("/held/source").asText();
        if (!source.equals(path)) {
            throw new UserError("the weights came by " + source + ", not by " + path + ": " + work);
        }
        String answer = server.answer();
        if (!answer.equals(expected)) {
            throw new UserError(
                    "by " + path + " the answer is \"" + answer + "\", not \"" + expected + '"');
        }
        return CloneStart.of(weights, server.firstTokenMs());
    }

    private ClonedServer server(Children children, Path key, Way way, List<String> more)
            throws InterruptedException {
        int port = freePort();
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "serve",
                                "--model",
                                model.toString(),
                                "--model-id",
                                ClonedServer.MODEL_ID,
                                "--port",
                                String.valueOf(port),
                                "--worker-key-file",
                                key.toString()));
        arguments.addAll(more);
        ProcessBuilder process = program.with(arguments.toArray(new String[0]));
        process.environment().put("HFX_WEIGHT_SOURCES", way.source());
        process.environment().put("HFX_CLONE_LINKS", String.valueOf(way.links()));
        return ClonedServer.start(
                children,
                process,
                port,
                work.resolve("clone-" + way.name() + ".log"),
                new ProgressBar(way.name(), terminal));
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UserError("no free port: " + e);
        }
    }

    private void say(String format, Object... values) {
        terminal.printf("demo: " + format + "%n", values);
        terminal.flush();
    }
}
