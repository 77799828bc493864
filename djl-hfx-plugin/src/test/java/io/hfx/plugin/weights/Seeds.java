package io.hfx.plugin.weights;

import io.hfx.d2d.image.BufferMemory;
import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.image.ImageTensor;
import io.hfx.d2d.image.TensorImage;
import io.hfx.d2d.transfer.ImageSource;
import io.hfx.d2d.transfer.Seed;
import io.hfx.d2d.transfer.SeedOptions;
import io.hfx.d2d.transfer.TransferException;
import io.hfx.d2d.transfer.TransferException.Fault;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.executor.SelfTest;
import io.hfx.engine.ort.OrtExecutor;
import io.hfx.engine.ort.OrtModel;
import io.hfx.engine.ort.OrtOptions;
import io.hfx.engine.weights.ModelFingerprint;
import io.hfx.engine.weights.ModelWeights;
import io.hfx.plugin.auth.AccessKey;
import io.hfx.plugin.auth.WorkerKeyFile;
import io.hfx.plugin.config.CloneTransport;
import io.hfx.plugin.config.HostPort;
import io.hfx.plugin.config.WeightSettings;
import io.hfx.plugin.config.WeightSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Seeds of a checkpoint that do what they should, or not, and the settings of joiners. */
final class Seeds implements AutoCloseable {
    /** Small, so that even a tiny model has many. */
    private static final int CHUNK_BYTES = 64 << 10;

    final TensorImage image;
    final SeedCard card;
    private final Path key;
    private final List<Seed> open = new ArrayList<>();

    Seeds(Path checkpoint, Path key) {
        this.key = key;
        image = DiskImage.read(checkpoint, CHUNK_BYTES, BufferMemory::direct, new WeightStatus());
        ModelWeights weights = ImageWeights.of(ModelConfig.read(checkpoint), new WholeImage(image));
        try (OrtModel model = OrtModel.of(weights, 1);
                OrtExecutor executor =
                        new OrtExecutor(model, OrtOptions.of(1, SelfTest.CONTEXT_TOKENS))) {
            ModelFingerprint fingerprint = ModelFingerprint.of(weights.config(), weights.tensors());
            card =
                    new SeedCard(
                            fingerprint,
                            SeedCard.ownBootId(),
                            "",
                            SelfTest.of(executor).orElseThrow());
        }
    }

    /** A file of a new secret. */
    static Path key(Path file) throws IOException {
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, AccessKey.newSecret() + "\n");
    }

    private HostPort open(ImageSource source) {
        Seed seed = Seed.open(WorkerKeyFile.read(key), source, SeedOptions.loopback());
        open.add(seed);
        return new HostPort("127.0.0.1", seed.address().getPort());
    }

    HostPort good() {
        return open(ImageSource.of(image, card.encode()));
    }

    HostPort withCard(SeedCard other) {
        return open(ImageSource.of(image, other.encode()));
    }

    /** Gives that many chunks and then no more. */
    HostPort dyingAfter(int chunks) {
        return open(
                new Changed() {
                    @Override
                    public ByteBuffer awaitChunk(int index, Duration atMost) {
                        if (index >= chunks) {
                            throw new TransferException(Fault.NOT_READY, "died");
                        }
                        return image.chunk(index);
                    }
                });
    }

    /** Gives the last chunk when the action returns, which may throw instead. */
    HostPort lastChunkAfter(Runnable action) {
        int last = lastChunk();
        return open(
                new Changed() {
                    @Override
                    public ByteBuffer awaitChunk(int index, Duration atMost) {
                        if (index == last) {
                            action.run();
                        }
                        return image.chunk(index);
                    }
                });
    }

    /** The last one that is not padding alone. */
    private int lastChunk() {
        List<ImageTensor> tensors = image.manifest().layout().tensors();
        return image.chunks(tensors.get(tensors.size() - 1).name()).max().orElseThrow();
    }

    /** The first tensor, in the order of a step, that cannot be read without the last chunk. */
    String firstOfTheLastChunk() {
        int last = lastChunk();
        return image.manifest().layout().tensors().stream()
                .map(ImageTensor::name)
                .filter(name -> image.chunks(name).anyMatch(chunk -> chunk == last))
                .findFirst()
                .orElseThrow();
    }

    /** One bit of one chunk is wrong, every time. */
    HostPort corrupt(int chunk) {
        return open(
                new Changed() {
                    @Override
                    public ByteBuffer awaitChunk(int index, Duration atMost) {
                        ByteBuffer bytes = image.chunk(index);
                        if (index != chunk) {
                            return bytes;
                        }
                        ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
                        return copy.put(77, (byte) (copy.get(77) ^ 4));
                    }
                });
    }

    /** Bytes that the seeds have sent, all together. */
    long sentBytes() {
        return open.stream().mapToLong(Seed::sentBytes).sum();
    }

    /** Of a joiner that goes to these seeds over TCP, then to the disk. */
    WeightSettings joiner(HostPort... seeds) {
        return joiner(key, seeds);
    }

    static WeightSettings joiner(Path key, HostPort... seeds) {
        return new WeightSettings(
                List.of(WeightSource.TCP, WeightSource.DISK),
                CloneTransport.TCP,
                Arrays.asList(seeds),
                2,
                Optional.empty(),
                0,
                0,
                Optional.of(key));
    }

    @Override
    public void close() {
        open.forEach(Seed::close);
        image.close();
    }

    private abstract class Changed implements ImageSource {
        @Override
        public ImageManifest awaitManifest(Duration atMost) {
            return image.manifest();
        }

        @Override
        public byte[] card() {
            return card.encode();
        }
    }
}
