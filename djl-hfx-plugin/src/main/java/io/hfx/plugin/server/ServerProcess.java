package io.hfx.plugin.server;

import java.util.concurrent.CountDownLatch;

/** Binds a server to the life of its process. */
public final class ServerProcess {
    private ServerProcess() {}

    /**
     * From now on, when the process is told to stop (SIGTERM, SIGINT), the server drains and the
     * process ends with status 0. To be told again changes nothing.
     */
    public static void drainWhenTold(StandaloneServer server) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> drainAndEnd(server), "hfx-shutdown"));
    }

    /** Blocks until the process ends. */
    public static void await() throws InterruptedException {
        new CountDownLatch(1).await();
    }

    /** Without the halt, a JVM that a signal ends has the status 143. */
    private static void drainAndEnd(StandaloneServer server) {
        server.drain();
        System.err.flush();
        Runtime.getRuntime().halt(0);
    }
}
