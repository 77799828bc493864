package io.hfx.plugin.testing;

/**
 * A process that serves a fake model, a token every 20 ms; prints its port. Arguments are keys and
 * values, in pairs.
 */
public final class FakeServerMain {
    private FakeServerMain() {}

    public static void main(String[] args) throws Exception {
        TestServer server = new TestServer(args);
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
        System.out.println(server.server.port());
        io.hfx.plugin.server.ServerProcess.serve(server.server);
    }
}
