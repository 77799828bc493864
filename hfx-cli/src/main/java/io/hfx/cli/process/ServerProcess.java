package io.hfx.cli.process;

import io.hfx.cli.UserError;
import io.hfx.cli.bench.Api;
import io.hfx.cli.bench.EndpointModel;
import io.hfx.cli.bench.Target;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A server in its own process, from ready until closed. */
public final class ServerProcess implements AutoCloseable {
    private static final long READY_WITHIN_NANOS = TimeUnit.MINUTES.toNanos(3);
    private static final long POLL_MILLIS = 100;

    private final Process process;
    private final int port;

    private ServerProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts {@code serve} and waits until it is ready.
     *
     * @param port to listen on; 0 takes a free one
     * @param log gets its output
     * @param options of the command besides the port
     */
    public static ServerProcess start(
            Program program, Children children, int port, Path log, List<String> options)
            throws InterruptedException {
        int listening = port == 0 ? freePort() : port;
        List<String> arguments =
                new ArrayList<>(List.of("serve", "--port", String.valueOf(listening)));
        arguments.addAll(options);
        Process process = children.start(program.with(arguments.toArray(new String[0])), log);
        ServerProcess server = new ServerProcess(process, listening);
        try {
            server.awaitReady(log);
            return server;
        } catch (UserError | InterruptedException e) {
            server.close();
            throw e;
        }
    }

    /** The server as a target of load. */
    public Target target(boolean sendSlo) throws InterruptedException {
        URI base = Target.parse("http://127.0.0.1:" + port);
        return new Target(
                base,
                Api.COMPLETIONS,
                EndpointModel.ask(base, Optional.empty(), Optional.empty()).id(),
                Optional.empty(),
                sendSlo);
    }

    private void awaitReady(Path log) throws InterruptedException {
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpRequest ready =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/ready"))
                        .timeout(Duration.ofSeconds(5))
                        .build();
        long startNanos = System.nanoTime();
        while (!isReady(client, ready, log)) {
            if (!process.isAlive()) {
                throw new UserError(
                        "the server ended with "
                                + process.exitValue()
                                + " while starting, see "
                                + log);
            }
            if (System.nanoTime() - startNanos > READY_WITHIN_NANOS) {
                throw new UserError("the server was not ready in time, see " + log);
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private static boolean isReady(HttpClient client, HttpRequest ready, Path log)
            throws InterruptedException {
        try {
            HttpResponse<Void> answer = client.send(ready, HttpResponse.BodyHandlers.discarding());
            String reason = answer.headers().firstValue("x-hfx-reason").orElse("");
            if (reason.equals("model-failed")) {
                throw new UserError("the server could not load the model, see " + log);
            }
            return answer.statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UserError("no free port: " + e);
        }
    }

    @Override
    public void close() {
        Children.end(process);
    }
}
