package io.hfx.plugin.server;

import java.util.concurrent.CountDownLatch;

/** Binds a server to the life of its process. */
public final class ServerProcess {
    private ServerProcess() {}

    /**
     * Blocks until the process is told to stop (SIGTERM, SIGINT); then the server drains and the
     * process ends with status 0.
     */
    public static void serve(StandaloneServer server) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> drainAndEnd(server), "hfx-shutdown"));
        new CountDownLatch(1).await();
    }

    /** Without the halt, a JVM that a signal ends has the status 143. */
    private static void drainAndEnd(StandaloneServer server) {
        server.drain();
        System.err.flush();
        Runtime.getRuntime().halt(0);
    }
}
