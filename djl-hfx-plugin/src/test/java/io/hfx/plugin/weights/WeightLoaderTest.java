package io.hfx.plugin.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.d2d.device.DeviceCounts;
import io.hfx.engine.checkpoint.CheckpointException;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.executor.SelfTest;
import io.hfx.engine.executor.SelfTest.Answer;
import io.hfx.engine.ort.OrtExecutor;
import io.hfx.engine.ort.OrtOptions;
import io.hfx.engine.sample.SampleModel;
import io.hfx.plugin.config.CloneTransport;
import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.config.HostPort;
import io.hfx.plugin.config.WeightSettings;
import io.hfx.plugin.config.WeightSource;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever a seed does: the weights are good in the end, and the status says where they are from.
 */
@Timeout(120)
class WeightLoaderTest {
    @TempDir static Path folder;

    private static Path checkpoint;
    private static Path key;
    private static Seeds seeds;

    private final WeightStatus status = new WeightStatus();

    @BeforeAll
    static void open() throws Exception {
        checkpoint = folder.resolve("model");
        SampleModel.create(SampleModel.Size.MICRO, checkpoint, 1);
        key = Seeds.key(folder.resolve("worker.key"));
        seeds = new Seeds(checkpoint, key);
        assertTrue(seeds.image.manifest().chunks().count() >= 4, "too few chunks to test with");
    }

    @AfterAll
    static void close() {
        seeds.close();
    }

    /** A folder with all but the weights. */
    private static Path bare(String name) throws IOException {
        Path bare = Files.createDirectories(folder.resolve(name));
        Files.copy(checkpoint.resolve("config.json"), bare.resolve("config.json"));
        return bare;
    }

    /** Loads, and has the model prove itself by the seed's tokens. */
    private List<String> load(Path from, WeightSettings settings) {
        try (LoadedWeights loaded =
                        WeightLoader.load(
                                from,
                                ModelConfig.read(from),
                                1,
                                OrtOptions.of(2, 64),
                                settings,
                                status);
                OrtExecutor executor = loaded.executor()) {
            assertEquals(Optional.empty(), seeds.card.selfTest().mismatch(executor));
            assertEquals(seeds.image.manifest().key().modelHash(), loaded.model().modelHash());
            List<String> found = new ArrayList<>(status.view().fallBacks());
            found.add(status.view().held().source().text());
            return found;
        }
    }

    private static void assertFellBack(List<String> found, String why, String source) {
        assertEquals(2, found.size(), found.toString());
        assertTrue(found.get(0).contains(why), found.toString());
        assertEquals(source, found.get(1));
    }

    @Test
    void aSeedGivesAllThatIsNeeded() throws Exception {
        assertEquals(List.of("tcp"), load(bare("bare"), seeds.joiner(seeds.good())));
        assertTrue(
                status.view()
                        .phaseNanos()
                        .keySet()
                        .containsAll(
                                List.of(
                                        WeightStatus.Phase.LINK,
                                        WeightStatus.Phase.ALLOCATE,
                                        WeightStatus.Phase.WEIGHTS,
                                        WeightStatus.Phase.SELF_TEST,
                                        WeightStatus.Phase.WARM_UP)));
    }

    @Test
    void anotherKeyGetsNothing() throws Exception {
        Path other = Seeds.key(folder.resolve("other.key"));
        long before = seeds.sentBytes();
        List<String> found = load(checkpoint, Seeds.joiner(other, seeds.good()));
        assertFellBack(found, "the worker key is not this seed's", "disk");
        assertEquals(before, seeds.sentBytes());
    }

    @Test
    void anotherModelIsRefusedBeforeAByteMoves() throws Exception {
        Path trained = folder.resolve("trained");
        SampleModel.create(SampleModel.Size.MICRO, trained, 2);
        try (Seeds others = new Seeds(trained, key)) {
            List<String> found = load(checkpoint, others.joiner(others.good()));
            assertFellBack(found, "of the same shape, with other weights", "disk");
            assertEquals(0, others.sentBytes());
        }
        Path scaled = bare("scaled");
        String json = Files.readString(scaled.resolve("config.json"));
        Files.writeString(
                scaled.resolve("config.json"),
                json.replaceFirst("\"rms_norm_eps\" : [0-9.eE-]+", "\"rms_norm_eps\" : 0.5"));
        long before = seeds.sentBytes();
        CheckpointException e =
                assertThrows(
                        CheckpointException.class, () -> load(scaled, seeds.joiner(seeds.good())));
        assertTrue(e.getMessage().contains("model.safetensors"), e.getMessage());
        List<String> why = status.view().fallBacks();
        assertTrue(
                why.get(1).contains("rmsNormEps=") && why.get(1).contains("here rmsNormEps=0.5"),
                why.toString());
        assertEquals(before, seeds.sentBytes());
    }

    @Test
    void aSeedThatDiesIsReplacedByTheNextWhichGivesTheRest() throws Exception {
        HostPort dying = seeds.dyingAfter(2);
        HostPort good = seeds.good();
        long before = seeds.sentBytes();
        List<String> found = load(bare("next"), seeds.joiner(dying, good));
        assertFellBack(found, "tcp from " + dying, "tcp");
        long sent = seeds.sentBytes() - before;
        assertTrue(
                sent <= seeds.image.manifest().layout().blobBytes(),
                sent + " bytes: what had come was kept");
    }

    @Test
    void whereNoSeedIsLeftThereIsTheDisk() throws Exception {
        assertFellBack(load(checkpoint, seeds.joiner(seeds.dyingAfter(1))), "died", "disk");
    }

    @Test
    void aCorruptChunkIsNeverServed() throws Exception {
        assertFellBack(load(checkpoint, seeds.joiner(seeds.corrupt(2))), "chunk 2", "disk");
    }

    @Test
    void whatDoesNotGiveTheSeedsTokensIsNotServed() throws Exception {
        SelfTest test = seeds.card.selfTest();
        List<Answer> answers = new ArrayList<>(test.answers());
        Answer first = answers.get(0);
        answers.set(0, new Answer((first.token() + 1) % 100, 1));
        SeedCard wrong =
                new SeedCard(
                        seeds.card.fingerprint(), "", "", new SelfTest(test.prompt(), answers));
        List<String> found = load(checkpoint, seeds.joiner(seeds.withCard(wrong)));
        assertFellBack(found, "token 0 of the self-test is " + first.token(), "disk");
    }

    @Test
    void anAbsentSeedIsAskedOnceAndOneThatSharesNoMemoryGivesByTcp() throws Exception {
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        HostPort absent = new HostPort("127.0.0.1", closed);
        WeightSettings all =
                new WeightSettings(
                        List.of(WeightSource.ATTACH, WeightSource.TCP, WeightSource.DISK),
                        CloneTransport.TCP,
                        List.of(absent, seeds.good()),
                        2,
                        Optional.empty(),
                        0,
                        0,
                        Optional.of(key));
        List<String> found = load(checkpoint, all);
        assertFellBack(found, "attach from " + absent, "tcp");
    }

    @Test
    void aTransportThatIsNotThereIsAnErrorBeforeAnythingIsLoaded() {
        WeightSettings overUcx =
                new WeightSettings(
                        List.of(WeightSource.DISK),
                        CloneTransport.UCX,
                        List.of(),
                        2,
                        Optional.of(new HostPort("127.0.0.1", 0)),
                        0,
                        0,
                        Optional.of(key));
        ConfigException e = assertThrows(ConfigException.class, () -> load(checkpoint, overUcx));
        assertTrue(e.getMessage().contains("add the jar org.openucx:jucx"), e.getMessage());
    }

    @Test
    void withoutTheDiskTheReasonIsThatOfTheLastSeed() throws Exception {
        WeightSettings seedsOnly =
                new WeightSettings(
                        List.of(WeightSource.TCP),
                        CloneTransport.TCP,
                        List.of(seeds.dyingAfter(0)),
                        2,
                        Optional.empty(),
                        0,
                        0,
                        Optional.of(key));
        CheckpointException e =
                assertThrows(CheckpointException.class, () -> load(checkpoint, seedsOnly));
        assertTrue(e.getMessage().startsWith("no source gave the weights"), e.getMessage());
    }

    /** Whatever became of them, the memory of twenty images is free again. */
    @Test
    void noMemoryStaysBehind() throws Exception {
        long before = DeviceCounts.now().memoryBytes();
        HostPort good = seeds.good();
        HostPort dying = seeds.dyingAfter(1);
        for (int i = 0; i < 10; i++) {
            load(checkpoint, seeds.joiner(good));
            load(checkpoint, seeds.joiner(dying));
        }
        long untilNanos = System.nanoTime() + 30_000_000_000L;
        while (DeviceCounts.now().memoryBytes() > before) {
            assertTrue(
                    System.nanoTime() < untilNanos,
                    before + " bytes before, now " + DeviceCounts.now());
            System.gc();
        }
    }

    @Test
    void aKeyThatOthersCanReadIsNoKey() throws Exception {
        Path open = Seeds.key(folder.resolve("open.key"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
        ConfigException e =
                assertThrows(
                        ConfigException.class,
                        () -> load(checkpoint, Seeds.joiner(open, seeds.good())));
        assertTrue(e.getMessage().contains("chmod 600"), e.getMessage());
    }
}
