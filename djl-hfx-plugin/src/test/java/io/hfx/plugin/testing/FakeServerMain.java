package io.hfx.plugin.testing;

import io.hfx.plugin.config.ConfigReader;
import io.hfx.plugin.server.ServerProcess;
import io.hfx.plugin.server.StandaloneServer;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/**
 * A process that serves a fake model, a token every 20 ms; prints its port. Arguments are keys and
 * values, in pairs; with {@code loading} alone the model never comes.
 */
public final class FakeServerMain {
    private FakeServerMain() {}

    public static void main(String[] args) throws Exception {
        boolean loads = args.length == 1 && args[0].equals("loading");
        StandaloneServer server = loads ? loading() : serving(args);
        ServerProcess.drainWhenTold(server);
        System.out.println(server.port());
        ServerProcess.await();
    }

    private static StandaloneServer loading() throws IOException {
        return StandaloneServer.start(
                new ConfigReader().option("hfx_model", "fake").option("hfx_port", 0).read(),
                config -> {
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    throw new IOException("interrupted");
                });
    }

    private static StandaloneServer serving(String[] settings) throws Exception {
        TestServer server = new TestServer(settings);
        server.model.hold = true;
        Thread pace =
                new Thread(
                        () -> {
                            try {
                                while (true) {
                                    Thread.sleep(20);
                                    server.model.permits.release();
                                }
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        pace.setDaemon(true);
        pace.start();
        return server.server;
    }
}
