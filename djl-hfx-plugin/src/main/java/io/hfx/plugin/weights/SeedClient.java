package io.hfx.plugin.weights;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hfx.d2d.device.CopyJob;
import io.hfx.d2d.device.Device;
import io.hfx.d2d.device.DeviceMemory;
import io.hfx.d2d.image.HostImageMemory;
import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.image.ImageMemory;
import io.hfx.d2d.image.TensorImage;
import io.hfx.d2d.transfer.CloneListener;
import io.hfx.d2d.transfer.ImageClone;
import io.hfx.d2d.transfer.Introduction;
import io.hfx.d2d.transfer.LinkTransport;
import io.hfx.d2d.transfer.PartialImage;
import io.hfx.d2d.transfer.Progress;
import io.hfx.d2d.transfer.TransferLimits;
import io.hfx.d2d.transfer.Wanted;
import io.hfx.d2d.transfer.WorkerKey;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.plugin.config.HostPort;
import io.hfx.plugin.config.WeightSource;
import io.hfx.plugin.weights.WeightStatus.Phase;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes weights from seeds. One thread, the loading one; over TCP the chunks come on others. It
 * keeps the good chunks of an image that no seed has completed yet.
 */
final class SeedClient implements AutoCloseable {
    private static final Duration ATTACH = Duration.ofSeconds(5);
    private static final Duration COPY_LOOK = Duration.ofMillis(200);

    private final LinkTransport transport;
    private final WorkerKey key;
    private final int links;
    private final ModelConfig config;
    private final OwnModel own;
    private final ImageMemory.Allocator allocator;
    private final WeightStatus status;
    private final CloneLog log;
    private @Nullable Begun begun;

    /** A seed that has this model. */
    record Seed(HostPort name, InetSocketAddress address, ImageManifest manifest, SeedCard card) {}

    /** An image that came in part, and the hash of its manifest. */
    private record Begun(PartialImage part, String hash) {}

    /**
     * @param links over which one seed gives an image by TCP
     * @param allocator of memory for images that are copied
     */
    SeedClient(
            LinkTransport transport,
            WorkerKey key,
            int links,
            ModelConfig config,
            OwnModel own,
            ImageMemory.Allocator allocator,
            WeightStatus status) {
        this.transport = transport;
        this.key = key;
        this.links = links;
        this.config = config;
        this.own = own;
        this.allocator = allocator;
        this.status = status;
        this.log = new CloneLog(status);
    }

    /** Finds a seed and hears what it has; nothing but its manifest and card has moved. */
    Seed meet(HostPort name) {
        return status.time(
                Phase.LINK,
                () -> {
                    InetSocketAddress address = name.lookUp();
                    if (address.isUnresolved()) {
                        throw new WeightsException(name + ": no such host");
                    }
                    Introduction found =
                            Introduction.of(
                                    transport, address, key, Wanted.any(), TransferLimits.DEFAULT);
                    SeedCard card = SeedCard.parse(name.toString(), found.card());
                    own.requireSame(name.toString(), card.fingerprint());
                    ImageWeights.requireFit(name.toString(), found.manifest(), config);
                    return new Seed(name, address, found.manifest(), card);
                });
    }

    /** Why a seed cannot give its weights by a source at all, which is no failure of either. */
    static Optional<String> obstacle(Seed seed, WeightSource source) {
        if (source == WeightSource.TCP) {
            return Optional.empty();
        }
        try (Device host = Device.host()) {
            if (!host.shares()) {
                return Optional.of("this process has no native library");
            }
        }
        if (seed.card().socket().isEmpty()) {
            return Optional.of("its memory cannot be shared");
        }
        return seed.card().isOfThisHost()
                ? Optional.empty()
                : Optional.of("it runs on another host");
    }

    /** The seed's image: whole, or, over TCP, on its way. */
    IncomingImage fetch(Seed seed, WeightSource source) {
        return switch (source) {
            case ATTACH -> new WholeImage(attach(seed));
            case COPY -> new WholeImage(copy(seed));
            case TCP -> pull(seed);
            case DISK -> throw new IllegalArgumentException("no seed has a disk");
        };
    }

    private TensorImage attach(Seed seed) {
        return status.time(Phase.WEIGHTS, () -> verified(seed, new HostImageMemory(shared(seed))));
    }

    private TensorImage copy(Seed seed) {
        return status.time(
                Phase.WEIGHTS,
                () -> {
                    try (DeviceMemory from = shared(seed)) {
                        ImageMemory to = allocate(seed);
                        boolean done = false;
                        try {
                            copy(seed, from, ((HostImageMemory) to).memory());
                            done = true;
                        } finally {
                            if (!done) {
                                to.close();
                            }
                        }
                        return verified(seed, to);
                    }
                });
    }

    private ImageMemory allocate(Seed seed) {
        List<Integer> segmentBytes = seed.manifest().layout().segmentBytes();
        return status.time(Phase.ALLOCATE, () -> allocator.allocate(segmentBytes));
    }

    private void copy(Seed seed, DeviceMemory from, DeviceMemory to) {
        status.coming(WeightSource.COPY, seed.name(), from.bytes());
        try (CopyJob job = CopyJob.start(from.all(), to.all())) {
            while (!job.await(COPY_LOOK)) {
                log.came(job.doneBytes());
            }
            log.came(job.doneBytes());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WeightsException("interrupted");
        }
    }

    /** The seed's memory, of which the label says that it is the image of the manifest. */
    private static DeviceMemory shared(Seed seed) {
        SeedCard card = seed.card();
        DeviceMemory memory;
        try (Device host = Device.host()) {
            memory = host.attach(Path.of(card.socket()), ATTACH);
        }
        if (!Arrays.equals(memory.label(), seed.manifest().hash().getBytes(UTF_8))) {
            memory.close();
            throw new WeightsException(seed.name() + ": its memory holds another image");
        }
        return memory;
    }

    private ArrivingImage pull(Seed seed) {
        PartialImage part = part(seed.manifest().hash());
        status.time(
                Phase.ALLOCATE,
                () -> {
                    part.begin(seed.manifest());
                    return part;
                });
        status.coming(WeightSource.TCP, seed.name(), seed.manifest().layout().blobBytes());
        ImageClone clone =
                new ImageClone(transport, key, part, links, TransferLimits.DEFAULT, progress());
        return new ArrivingImage(part, seed, clone, status);
    }

    /** What another seed gave of that image, or nothing yet. */
    private PartialImage part(String hash) {
        Begun old = begun;
        if (old != null && old.hash().equals(hash) && !old.part().handedOut()) {
            return old.part();
        }
        forgetBegun();
        PartialImage fresh = new PartialImage(allocator);
        begun = new Begun(fresh, hash);
        return fresh;
    }

    private CloneListener progress() {
        return new CloneListener() {
            @Override
            public void progressed(Progress progress) {
                log.came(progress.goodBytes());
            }
        };
    }

    /** An image over memory that this closes if a checksum differs. */
    private static TensorImage verified(Seed seed, ImageMemory memory) {
        boolean good = false;
        try {
            TensorImage image = new TensorImage(seed.manifest(), memory);
            image.verify(seed.name().toString());
            good = true;
            return image;
        } finally {
            if (!good) {
                memory.close();
            }
        }
    }

    /** Lets go what no seed could complete. */
    void forgetBegun() {
        if (begun != null) {
            begun.part().close();
            begun = null;
        }
    }

    @Override
    public void close() {
        forgetBegun();
    }
}
