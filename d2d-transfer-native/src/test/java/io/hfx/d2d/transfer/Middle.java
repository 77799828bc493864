package io.hfx.d2d.transfer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A man in the middle of one connection, who cuts or changes what the seed sends. */
final class Middle implements AutoCloseable {
    private final ServerSocket listener;
    private final InetSocketAddress seed;
    private final long atByte;
    private final boolean cut;

    /**
     * @param atByte of what the seed sends: the first that is not passed on, or that is changed
     */
    Middle(InetSocketAddress seed, long atByte, boolean cut) throws IOException {
        this.seed = seed;
        this.atByte = atByte;
        this.cut = cut;
        listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        start(this::serve);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
    }

    private void serve() {
        try (Socket joiner = listener.accept();
                Socket toSeed = new Socket(seed.getAddress(), seed.getPort())) {
            start(() -> forward(joiner, toSeed, Long.MAX_VALUE));
            forward(toSeed, joiner, atByte);
        } catch (IOException e) {
            System.out.println("the middle ends: " + e);
        }
    }

    private void forward(Socket from, Socket to, long tamperAt) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] bytes = new byte[8192];
            long passed = 0;
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                long at = tamperAt - passed;
                if (at >= 0 && at < count && cut) {
                    out.write(bytes, 0, (int) at);
                    return;
                }
                if (at >= 0 && at < count) {
                    bytes[(int) at] ^= 0x08;
                }
                out.write(bytes, 0, count);
                passed += count;
            }
        } catch (IOException e) {
            System.out.println("the middle ends: " + e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
