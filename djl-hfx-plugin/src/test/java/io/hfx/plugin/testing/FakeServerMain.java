package io.hfx.plugin.testing;

import io.hfx.plugin.server.ServerProcess;

/** A process that serves a fake model, a token every 20 ms; prints its port. */
public final class FakeServerMain {
    private FakeServerMain() {}

    public static void main(String[] args) throws Exception {
        TestServer server = new TestServer();
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
        ServerProcess.drainWhenTold(server.server);
        System.out.println(server.server.port());
        ServerProcess.await();
    }
}
