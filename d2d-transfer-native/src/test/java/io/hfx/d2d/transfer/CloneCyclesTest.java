package io.hfx.d2d.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hfx.d2d.device.CopyJob;
import io.hfx.d2d.device.Device;
import io.hfx.d2d.device.DeviceException;
import io.hfx.d2d.device.DeviceMemory;
import io.hfx.d2d.device.Offer;
import io.hfx.d2d.image.HostImageMemory;
import io.hfx.d2d.image.Samples;
import io.hfx.d2d.image.TensorImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many clones in one pair of JVMs. In each cycle the seed makes its image anew in shared memory,
 * offers it over TCP and as memory; the joiner takes it over TCP, attaches to it, copies it, and
 * compares all three. {@code hfx.clone.cycles} says how often, {@code hfx.clone.report} names a
 * file for the samples.
 */
class CloneCyclesTest {
    private static final int CYCLES = Integer.getInteger("hfx.clone.cycles", 24);
    private static final int SAMPLES = 12;
    private static final long IMAGE_SEED = 91;
    private static final Duration LONG = Duration.ofSeconds(60);

    /** Growth of resident memory that is no leak: code that gets compiled, its own heap's edges. */
    private static final long MOST_GROWN_KIB = 16 << 10;

    /** A heap that is resident from the start shows any growth beside it. */
    private static final List<String> OPTIONS =
            List.of("-Xms96m", "-Xmx96m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC");

    @TempDir Path folder;

    private interface Answering {
        String answer(String words) throws Exception;
    }

    private static void answerAll(Answering answering) throws Exception {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Jvm.say(line.equals("usage") ? Usage.settled().row() : answering.answer(line));
        }
    }

    /** The JVM of the seeds: each line makes a new one, in place of the last. */
    static final class Seeding {
        private Seeding() {}

        public static void main(String[] args) throws Exception {
            Path socket = Path.of(args[0]);
            TensorImage source = Samples.image(IMAGE_SEED);
            List<AutoCloseable> open = new ArrayList<>();
            answerAll(
                    words -> {
                        for (AutoCloseable one : open) {
                            one.close();
                        }
                        open.clear();
                        return words.equals("next") ? start(socket, source, open) : "";
                    });
        }

        private static String start(Path socket, TensorImage source, List<AutoCloseable> open) {
            Device host = Device.host();
            DeviceMemory memory = host.allocateShareable(source.manifest().layout().blobBytes());
            HostImageMemory room = new HostImageMemory(memory);
            for (int i = 0; i < source.manifest().chunks().count(); i++) {
                source.manifest().chunks().in(room, i).put(source.chunk(i));
            }
            Seed seed = Fleet.seed(new TensorImage(source.manifest(), room));
            byte[] label = source.manifest().hash().getBytes(StandardCharsets.US_ASCII);
            open.add(seed);
            open.add(memory.offer(socket, label));
            open.add(memory);
            open.add(host);
            return Integer.toString(seed.address().getPort());
        }
    }

    /** The JVM of the joiners: each line is the port of a seed to clone from. */
    static final class Joining {
        private Joining() {}

        public static void main(String[] args) throws Exception {
            Path socket = Path.of(args[0]);
            TensorImage expected = Samples.image(IMAGE_SEED);
            answerAll(
                    port -> {
                        try (Device host = Device.host()) {
                            overTcp(host, Integer.parseInt(port), expected);
                            overMemory(host, socket, expected);
                        }
                        return "done";
                    });
        }

        private static void overTcp(Device host, int port, TensorImage expected) {
            InetSocketAddress seed = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            try (PartialImage part = new PartialImage(HostImageMemory.allocator(host, false));
                    ImageClone clone =
                            new ImageClone(Fleet.KEY, part, 2, Fleet.LIMITS, CloneListener.NONE);
                    TensorImage image = clone.run(List.of(seed), Wanted.of(Samples.KEY))) {
                Fleet.assertSame(expected, image);
            }
        }

        private static void overMemory(Device host, Path socket, TensorImage expected)
                throws InterruptedException {
            try (DeviceMemory there = host.attach(socket, LONG);
                    DeviceMemory own = host.allocate(there.bytes());
                    CopyJob job = CopyJob.start(there.all(), own.all())) {
                Fleet.assertSame(
                        expected, new TensorImage(expected.manifest(), new HostImageMemory(there)));
                assertTrue(job.await(LONG));
                Fleet.assertSame(
                        expected, new TensorImage(expected.manifest(), new HostImageMemory(own)));
            }
        }
    }

    private record Sample(int cycle, Usage seed, Usage joiner) {}

    @Test
    void nothingGrows() throws Exception {
        assumeTrue(Usage.isKnown(), "this system has no /proc/self/maps");
        assumeSharing();
        Path socket = folder.resolve("seed");
        List<Sample> samples = new ArrayList<>();
        try (Jvm seed = Jvm.start(Seeding.class, OPTIONS, socket.toString());
                Jvm joiner = Jvm.start(Joining.class, OPTIONS, socket.toString())) {
            for (int cycle = 1; cycle <= CYCLES; cycle++) {
                assertEquals("done", joiner.ask(seed.ask("next")));
                if (cycle * SAMPLES / CYCLES > (cycle - 1) * SAMPLES / CYCLES) {
                    seed.ask("end");
                    // The joiner first: what it is still attached to lives on in the seed's JVM.
                    Usage joined = Usage.parse(joiner.ask("usage"));
                    Usage seeded = Usage.parse(seed.ask("usage"));
                    samples.add(new Sample(cycle, seeded, joined));
                    System.out.println(samples.get(samples.size() - 1));
                }
            }
            assertEquals(0, seed.end());
            assertEquals(0, joiner.end());
        }
        report(samples);
        check("seed", samples.stream().map(Sample::seed).toList());
        check("joiner", samples.stream().map(Sample::joiner).toList());
    }

    private void assumeSharing() {
        try (Device host = Device.host();
                DeviceMemory memory = host.allocateShareable(1);
                Offer offer = memory.offer(folder.resolve("probe"), new byte[0])) {
            assertEquals(0, offer.leases());
        } catch (DeviceException e) {
            assumeTrue(e.code() != DeviceException.Code.UNSUPPORTED, e.getMessage());
            throw e;
        }
    }

    private static void report(List<Sample> samples) throws IOException {
        String file = System.getProperty("hfx.clone.report", "");
        if (!file.isEmpty()) {
            List<String> lines = new ArrayList<>();
            lines.add("cycle,process,resident_kib,files,mappings,threads,shared_memories,device");
            for (Sample sample : samples) {
                lines.add(sample.cycle + ",seed," + sample.seed.row());
                lines.add(sample.cycle + ",joiner," + sample.joiner.row());
            }
            Files.write(Path.of(file), lines);
        }
    }

    /**
     * Between cycles nothing is shared; the rest is the same in the last third as in the second.
     */
    private static void check(String process, List<Usage> samples) {
        for (Usage usage : samples) {
            assertEquals(0, usage.sharedMemories(), process + ": " + usage);
            assertEquals(0, usage.device(), process + ": " + usage);
        }
        assertGrown(process, "files", samples, Usage::files, 0);
        assertGrown(process, "threads", samples, Usage::threads, 2);
        assertGrown(process, "mappings", samples, Usage::mappings, 16);
        assertGrown(process, "memory in KiB", samples, Usage::residentKib, MOST_GROWN_KIB);
    }

    private static void assertGrown(
            String process, String what, List<Usage> samples, ToLongFunction<Usage> of, long most) {
        int third = samples.size() / 3;
        long before = median(samples.subList(third, 2 * third), of);
        long after = median(samples.subList(2 * third, samples.size()), of);
        System.out.printf("%s: %s %d to %d%n", process, what, before, after);
        assertTrue(after - before <= most, process + ": " + what + " grew to " + after);
    }

    private static long median(List<Usage> samples, ToLongFunction<Usage> of) {
        return samples.stream().mapToLong(of).sorted().toArray()[samples.size() / 2];
    }
}
