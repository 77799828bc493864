package io.hfx.plugin.weights;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hfx.d2d.device.DeviceException;
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
import io.hfx.engine.executor.SelfTest;
import io.hfx.engine.weights.ModelFingerprint;
import io.hfx.plugin.config.HostPort;
import io.hfx.plugin.config.WeightSettings;
import io.hfx.scheduler.step.StepTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives weights away: over links, and, where the image lies in memory that can be shared, by a Unix
 * socket in a folder that only this user can enter.
 */
final class WeightSeed implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WeightSeed.class);

    private final Seed seed;
    private final HostPort address;
    private final @Nullable SharedMemory shared;
    private final SeedPacing pacing;

    private WeightSeed(
            Seed seed, HostPort address, @Nullable SharedMemory shared, SeedPacing pacing) {
        this.seed = seed;
        this.address = address;
        this.shared = shared;
        this.pacing = pacing;
    }

    /** An offer and the folder of its socket. */
    private record SharedMemory(Path folder, Offer offer) implements AutoCloseable {
        static @Nullable SharedMemory of(HostImageMemory memory, String manifestHash) {
            Path folder = null;
            try {
                folder = Files.createTempDirectory("hfx-weights");
                Offer offer = memory.offer(folder.resolve("image"), manifestHash.getBytes(UTF_8));
                return new SharedMemory(folder, offer);
            } catch (IOException | DeviceException e) {
                LOG.warn("other processes cannot attach to the weights: {}", e.getMessage());
                delete(folder);
                return null;
            }
        }

        @Override
        public void close() {
            offer.close();
            delete(folder);
        }

        private static void delete(@Nullable Path folder) {
            try {
                if (folder != null) {
                    Files.deleteIfExists(folder.resolve("image"));
                    Files.deleteIfExists(folder);
                }
            } catch (IOException e) {
                LOG.warn("{} could not be deleted: {}", folder, e.getMessage());
            }
        }
    }

    /**
     * Begins to serve an image, which stays open longer.
     *
     * @param memory of the image, if it can be shared
     * @param running whether requests run, which links then slow down for
     * @throws TransferException if the address cannot be listened at
     */
    static WeightSeed open(
            HostPort bind,
            WeightSettings settings,
            WorkerKey key,
            TensorImage image,
            @Nullable HostImageMemory memory,
            ModelFingerprint fingerprint,
            SelfTest selfTest,
            BooleanSupplier running) {
        SharedMemory shared =
                memory == null ? null : SharedMemory.of(memory, image.manifest().hash());
        boolean done = false;
        try {
            String socket = shared == null ? "" : shared.offer().socket().toString();
            SeedCard card = new SeedCard(fingerprint, SeedCard.ownBootId(), socket, selfTest);
            Pacer pacer = new Pacer(Pacer.UNLIMITED);
            SeedOptions options =
                    SeedOptions.loopback()
                            .withTransport(LinkTransport.of(settings.transport().text()))
                            .withBind(bind.lookUp())
                            .withPacer(pacer);
            Seed seed = Seed.open(key, ImageSource.of(image, card.encode()), options);
            done = true;
            HostPort address = new HostPort(bind.host(), seed.address().getPort());
            LOG.info(
                    "weights: other servers may take them from {}{}",
                    address,
                    shared == null ? "" : ", processes of this host may attach to them");
            SeedPacing pacing = pacing(pacer, settings, () -> seed.links() > 0, running);
            pacing.start();
            return new WeightSeed(seed, address, shared, pacing);
        } finally {
            if (!done && shared != null) {
                shared.close();
            }
        }
    }

    private static SeedPacing pacing(
            Pacer pacer, WeightSettings settings, BooleanSupplier giving, BooleanSupplier running) {
        long rate = settings.seedBytesPerSecond();
        EgressThrottle throttle =
                settings.seedSlowdown() == 0
                        ? null
                        : new EgressThrottle(1 + settings.seedSlowdown());
        return new SeedPacing(pacer, rate == 0 ? Pacer.UNLIMITED : rate, throttle, giving, running);
    }

    /** A step of a worker of this server ended; on that worker's thread. */
    void stepped(StepTime step) {
        pacing.stepped(step);
    }

    WeightStatus.Seeding figures() {
        return new WeightStatus.Seeding(
                address,
                shared != null,
                seed.links(),
                shared == null ? 0 : leases(shared.offer()),
                seed.sentBytes(),
                seed.refusedLinks(),
                pacing.figures());
    }

    private static int leases(Offer offer) {
        try {
            return offer.leases();
        } catch (IllegalStateException e) {
            return 0; // closed meanwhile
        }
    }

    @Override
    public void close() {
        pacing.close();
        seed.close();
        if (shared != null) {
            shared.close();
        }
    }
}
