package io.hfx.plugin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import io.hfx.engine.sample.SampleModel;
import io.hfx.plugin.config.ConfigReader;
import io.hfx.plugin.config.ServerConfig;
import io.hfx.plugin.testing.HttpSocket;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers that come and go leave no thread, descriptor or buffer behind. */
@Timeout(300)
class LifetimeTest {
    private static final int WARM_UP_CYCLES = 5;
    private static final int CYCLES = 50;
    private static final long BOUND_NANOS = 20_000_000_000L;

    @TempDir static Path folder;

    private static void cycle(ServerConfig config) throws Exception {
        try (StandaloneServer server = StandaloneServer.start(config, new CheckpointModels())) {
            assertTrue(server.awaitLoaded());
            try (HttpSocket socket = new HttpSocket(server.port())) {
                socket.post(
                        "/v1/completions", "{\"model\":\"m\",\"prompt\":\"a\",\"max_tokens\":2}");
                assertEquals(200, socket.answer().status());
            }
        }
    }

    private static Set<String> ourThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.matches("(hfx-|worker-).*"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    private static long openFiles() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getOpenFileDescriptorCount();
    }

    /** Threads end and buffers are freed a little after they are let go. */
    private static void await(String what, BooleanSupplier condition) {
        long startNanos = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - startNanos < BOUND_NANOS, what);
            System.gc();
        }
    }

    @Test
    void fiftyServersLeaveNothingBehind() throws Exception {
        Assumptions.assumeTrue(
                ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean,
                "counts file descriptors of Unix");
        SampleModel.create(SampleModel.Size.TINY, folder, 1);
        ServerConfig config =
                new ConfigReader()
                        .option("hfx_model", folder)
                        .option("hfx_model_id", "m")
                        .option("hfx_port", 0)
                        .option("hfx_kv_slots", 4)
                        .option("hfx_context_tokens", 256)
                        .read();
        Set<String> threadsBefore = ourThreads();
        for (int i = 0; i < WARM_UP_CYCLES; i++) {
            cycle(config);
        }
        await("threads " + ourThreads(), () -> threadsBefore.containsAll(ourThreads()));
        long directBefore = directBytes();
        long filesBefore = openFiles();
        for (int i = 0; i < CYCLES; i++) {
            cycle(config);
        }
        await(
                "threads " + ourThreads() + ", before " + threadsBefore,
                () -> threadsBefore.containsAll(ourThreads()));
        await(
                "direct bytes before " + directBefore + ", after " + directBytes(),
                () -> directBytes() <= directBefore);
        await(
                "descriptors before " + filesBefore + ", after " + openFiles(),
                () -> openFiles() <= filesBefore);
    }
}
