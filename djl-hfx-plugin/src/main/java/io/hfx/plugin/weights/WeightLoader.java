package io.hfx.plugin.weights;

import io.hfx.d2d.device.Device;
import io.hfx.d2d.image.BufferMemory;
import io.hfx.d2d.image.Chunks;
import io.hfx.d2d.image.HostImageMemory;
import io.hfx.d2d.image.ImageMemory;
import io.hfx.d2d.image.TensorImage;
import io.hfx.d2d.transfer.LinkTransport;
import io.hfx.d2d.transfer.TransferException;
import io.hfx.d2d.transfer.WorkerKey;
import io.hfx.engine.checkpoint.CheckpointException;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.executor.SelfTest;
import io.hfx.engine.ort.OrtExecutor;
import io.hfx.engine.ort.OrtModel;
import io.hfx.engine.ort.OrtOptions;
import io.hfx.plugin.auth.WorkerKeyFile;
import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.config.HostPort;
import io.hfx.plugin.config.WeightSettings;
import io.hfx.plugin.config.WeightSource;
import io.hfx.plugin.weights.WeightStatus.Held;
import io.hfx.plugin.weights.WeightStatus.Phase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets a model's weights from the first source that gives good ones: whole, with the right
 * checksums, and, where they come from a seed, proved by the seed's own greedy tokens. What fails
 * leaves nothing behind, and the next source is tried.
 */
public final class WeightLoader {
    private static final Logger LOG = LoggerFactory.getLogger(WeightLoader.class);

    private final Path folder;
    private final ModelConfig config;
    private final int threads;
    private final OrtOptions options;
    private final WeightSettings settings;
    private final WeightStatus status;
    private final ImageMemory.Allocator allocator;
    private final LinkTransport transport;
    private final @Nullable WorkerKey key;
    private final Map<HostPort, SeedClient.Seed> met = new HashMap<>();
    private final Set<HostPort> lost = new HashSet<>();

    /** One way to get an image. */
    private record Attempt(WeightSource source, @Nullable HostPort seed) {
        @Override
        public String toString() {
            return seed == null ? source.text() : source.text() + " from " + seed;
        }
    }

    private WeightLoader(
            Path folder,
            ModelConfig config,
            int threads,
            OrtOptions options,
            WeightSettings settings,
            WeightStatus status,
            Device host) {
        this.folder = folder;
        this.config = config;
        this.threads = threads;
        this.options = options;
        this.settings = settings;
        this.status = status;
        boolean shareable = settings.seedAddress().isPresent();
        this.allocator =
                host.shares() ? HostImageMemory.allocator(host, shareable) : BufferMemory::direct;
        this.transport = transport(settings);
        this.key = settings.workerKeyFile().map(WorkerKeyFile::read).orElse(null);
    }

    /**
     * Loads a model, on this thread and others; takes as long as it takes.
     *
     * @param folder of the checkpoint; it needs no weights where a seed has them
     * @param config that was read from there
     * @param threads of one run of the executor
     * @param options of each worker's executor
     * @throws IllegalArgumentException if these exceed the model; nothing was loaded
     * @throws CheckpointException if no source gave good weights
     * @throws ConfigException if the worker key cannot be read, or this process cannot use the
     *     transport
     */
    public static LoadedWeights load(
            Path folder,
            ModelConfig config,
            int threads,
            OrtOptions options,
            WeightSettings settings,
            WeightStatus status) {
        OrtExecutor.requireFit(config, options);
        try (Device host = Device.host()) {
            return new WeightLoader(folder, config, threads, options, settings, status, host)
                    .load();
        }
    }

    /** What is asked for and missing is said now, not when the weights are to move. */
    private static LinkTransport transport(WeightSettings settings) {
        try {
            return LinkTransport.of(settings.transport().text());
        } catch (TransferException e) {
            throw new ConfigException(e.getMessage());
        }
    }

    private LoadedWeights load() {
        List<Attempt> attempts = attempts();
        if (key == null || attempts.stream().allMatch(each -> each.seed() == null)) {
            return first(attempts, null);
        }
        OwnModel own = status.time(Phase.LINK, () -> OwnModel.of(folder, config));
        int links = settings.cloneLinks();
        try (SeedClient seeds =
                new SeedClient(transport, key, links, config, own, allocator, status)) {
            return first(attempts, seeds);
        }
    }

    private List<Attempt> attempts() {
        List<Attempt> attempts = new ArrayList<>();
        for (WeightSource source : settings.sources()) {
            if (source.fromSeed()) {
                settings.cloneFrom().forEach(seed -> attempts.add(new Attempt(source, seed)));
            } else {
                attempts.add(new Attempt(source, null));
            }
        }
        return attempts;
    }

    private LoadedWeights first(List<Attempt> attempts, @Nullable SeedClient seeds) {
        RuntimeException last = new WeightsException("no seed can give them that way");
        for (int i = 0; i < attempts.size(); i++) {
            Attempt attempt = attempts.get(i);
            if (lost.contains(attempt.seed())) {
                continue;
            }
            try {
                Optional<LoadedWeights> loaded = attempt(attempt, seeds);
                if (loaded.isPresent()) {
                    return loaded.get();
                }
            } catch (RuntimeException e) {
                last = e;
                if (Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                String why = attempt + ": " + e.getMessage();
                status.fellBack(why);
                next(attempts.subList(i + 1, attempts.size()))
                        .ifPresent(next -> LOG.warn("weights: {}; next: {}", why, next));
            }
        }
        if (last instanceof CheckpointException) {
            throw last;
        }
        throw new CheckpointException(
                "no source gave the weights; the last said: " + last.getMessage(), last);
    }

    private Optional<Attempt> next(List<Attempt> rest) {
        return rest.stream().filter(each -> !lost.contains(each.seed())).findFirst();
    }

    /** Empty where the seed cannot give its weights that way. */
    private Optional<LoadedWeights> attempt(Attempt attempt, @Nullable SeedClient seeds) {
        HostPort name = attempt.seed();
        if (seeds != null && attempt.source() != WeightSource.TCP) {
            seeds.forgetBegun(); // or there would be memory for two images
        }
        if (name == null || seeds == null) {
            TensorImage image = DiskImage.read(folder, Chunks.DEFAULT_BYTES, allocator, status);
            return Optional.of(prove(attempt, new WholeImage(image), null));
        }
        SeedClient.Seed seed = meet(name, seeds);
        Optional<String> obstacle = SeedClient.obstacle(seed, attempt.source());
        if (obstacle.isPresent()) {
            LOG.info("weights: not by {}: {}", attempt, obstacle.get());
            return Optional.empty();
        }
        return Optional.of(prove(attempt, seeds.fetch(seed, attempt.source()), seed));
    }

    /** Once for each seed; one that says no is not asked again. */
    private SeedClient.Seed meet(HostPort name, SeedClient seeds) {
        SeedClient.Seed known = met.get(name);
        if (known != null) {
            return known;
        }
        lost.add(name);
        SeedClient.Seed found = seeds.meet(name);
        lost.remove(name);
        met.put(name, found);
        return found;
    }

    /** Makes the engine and has it prove itself, while its weights come; it owns them. */
    private LoadedWeights prove(
            Attempt attempt, IncomingImage incoming, SeedClient.@Nullable Seed seed) {
        Engine engine =
                status.time(Phase.WARM_UP, () -> new Engine(config, incoming, threads, options));
        boolean good = false;
        try {
            SelfTest test = status.time(Phase.SELF_TEST, () -> selfTest(engine.model(), seed));
            TensorImage image = incoming.whole();
            String hash = image.manifest().key().modelHash();
            long bytes = image.manifest().layout().blobBytes();
            Held held = new Held(attempt.source(), attempt.seed(), hash, bytes);
            status.holds(held, engine.model()::prepacked);
            LOG.info("weights: {} MB by {}", bytes / 1_000_000, attempt);
            good = true;
            return new LoadedWeights(engine, image, test, settings, key, status);
        } finally {
            if (!good) {
                engine.close();
            }
        }
    }

    /** The seed's, which was passed; or a new one if this is to be a seed. */
    private @Nullable SelfTest selfTest(OrtModel model, SeedClient.@Nullable Seed seed) {
        if (seed == null && settings.seedAddress().isEmpty()) {
            return null;
        }
        int contextTokens = Math.min(SelfTest.CONTEXT_TOKENS, config.maxPositions());
        try (OrtExecutor executor = new OrtExecutor(model, OrtOptions.of(1, contextTokens))) {
            if (seed == null) {
                Optional<SelfTest> made = SelfTest.of(executor);
                if (made.isEmpty()) {
                    LOG.warn("weights: not given away: the model is certain of no token");
                }
                return made.orElse(null);
            }
            SelfTest test = seed.card().selfTest();
            test.mismatch(executor)
                    .ifPresent(
                            why -> {
                                throw new WeightsException(why);
                            });
            return test;
        }
    }
}
