package io.hfx.benchmarks.clone;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.hfx.d2d.device.Device;
import io.hfx.d2d.device.Offer;
import io.hfx.d2d.image.HostImageMemory;
import io.hfx.d2d.image.TensorImage;
import io.hfx.d2d.transfer.ImageSource;
import io.hfx.d2d.transfer.LinkTransport;
import io.hfx.d2d.transfer.Pacer;
import io.hfx.d2d.transfer.Seed;
import io.hfx.d2d.transfer.SeedOptions;
import io.hfx.d2d.transfer.TransferException;
import io.hfx.d2d.transfer.WorkerKey;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The process that has the image: in memory that processes share, offered as such, over TCP, to
 * plain sockets, and over UCX where it is there. Its arguments: MiB of the image, a folder for the
 * Unix socket and the manifest. It reads the worker key as a line, says its three ports (of UCX 0
 * for none), then takes rates to pace its seed to, until its input ends.
 */
final class SeedProcess {
    static final String SOCKET = "offer";
    static final String MANIFEST = "manifest";

    private SeedProcess() {}

    private static @Nullable Seed overUcx(WorkerKey key, ImageSource source, SeedOptions options) {
        LinkTransport transport;
        try {
            transport = LinkTransport.of("ucx");
        } catch (TransferException e) {
            System.err.println("no ways over UCX: " + e.getMessage());
            return null;
        }
        return Seed.open(key, source, options.withTransport(transport));
    }

    public static void main(String[] arguments) throws Exception {
        int mib = Integer.parseInt(arguments[0]);
        Path folder = Path.of(arguments[1]);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        WorkerKey key = WorkerKey.of(HexFormat.of().parseHex(in.readLine()));
        Pacer pacer = new Pacer(Pacer.UNLIMITED);
        SeedOptions options = SeedOptions.loopback().withPacer(pacer);
        try (Device host = Device.host();
                HostImageMemory memory =
                        new HostImageMemory(host.allocateShareable(SyntheticImage.bytes(mib)));
                TensorImage image = SyntheticImage.build(mib, segments -> memory);
                Seed seed = Seed.open(key, ImageSource.of(image), options);
                Seed ucx = overUcx(key, ImageSource.of(image), options);
                RawServer raw = new RawServer(memory);
                Offer offer =
                        memory.offer(
                                folder.resolve(SOCKET),
                                image.manifest().hash().getBytes(US_ASCII))) {
            Files.write(folder.resolve(MANIFEST), image.manifest().encoded());
            int ucxPort = ucx == null ? 0 : ucx.address().getPort();
            System.out.println(seed.address().getPort() + " " + raw.port() + " " + ucxPort);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                pacer.setBytesPerSecond(Long.parseLong(line));
                System.out.println("paced; attached: " + offer.leases());
            }
        }
    }
}
