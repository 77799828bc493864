package io.hfx.engine.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.executor.KvBlock;
import io.hfx.engine.executor.KvSequence;
import io.hfx.engine.executor.Segment;
import io.hfx.engine.executor.StepCursor;
import io.hfx.engine.executor.StepInput;
import io.hfx.engine.executor.TokenExecutor;
import io.hfx.engine.ort.OrtExecutor;
import io.hfx.engine.ort.OrtModel;
import io.hfx.engine.ort.OrtOptions;
import io.hfx.engine.sample.SampleModel;
import io.hfx.engine.weights.ModelWeights;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * ONNX Runtime gives the reference's tokens, however the work is cut, mixed, moved or resumed:
 * every mode on the tiny sample model. The families and forms are in {@link FormTokenIdentityTest}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OrtTokenIdentityTest {
    private static final int SLOTS = 8;
    private static final int WHOLE = Integer.MAX_VALUE / 2;

    private ModelConfig config;
    private ModelWeights weights;
    private List<TokenIdentity.Case> cases;
    private OrtModel unpacked;
    private OrtModel packed;
    private final List<TokenExecutor> opened = new ArrayList<>();
    private TokenIdentity identity = new TokenIdentity();

    @BeforeAll
    void load(@TempDir Path folder) throws IOException {
        Path tiny = folder.resolve("tiny");
        SampleModel.create(SampleModel.Size.TINY, tiny, References.SEED);
        weights = ModelWeights.load(tiny);
        config = weights.config();
        cases = TokenIdentity.reference(References.TINY, tiny);
        unpacked = OrtModel.of(weights, 1);
        packed = OrtModel.of(weights, 1);
        packed.optimise().toCompletableFuture().join();
        assertFalse(unpacked.prepacked());
        assertTrue(packed.prepacked());
    }

    @AfterEach
    void closeExecutors() {
        identity.assertClear();
        identity = new TokenIdentity();
        opened.forEach(TokenExecutor::close);
        opened.clear();
    }

    @AfterAll
    void unload() {
        unpacked.close();
        packed.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 48, 16})
    void chunkedPrefill(int chunkTokens) {
        for (OrtModel model : List.of(unpacked, packed)) {
            Fleet fleet = fleet(model);
            for (TokenIdentity.Case reference : cases) {
                Fleet.Live live = fleet.open(identity.track(reference));
                fleet.finish(chunkTokens, live);
                live.kv.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sequencesJoinAndLeaveAMixedBatch(boolean prepacked) {
        fleet(prepacked ? packed : unpacked).staggered(identity, cases, 64);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPrefillYieldsAtEveryLayerToADecode(boolean prepacked) {
        Fleet fleet = fleet(prepacked ? packed : unpacked);
        Fleet.Live decoding = fleet.open(identity.track(cases.get(3)));
        Fleet.Live other = fleet.open(identity.track(cases.get(5)));
        fleet.prefill(WHOLE, decoding);
        fleet.prefill(WHOLE, other);
        Fleet.Live prefilling = fleet.open(identity.track(prompt(450)));
        while (!prefilling.prefilled()) {
            fleet.step(100, List.of(prefilling), () -> fleet.decode(1, decoding, other));
        }
        fleet.decode(5, prefilling, decoding, other);
        // And the other way round: a decode batch waits while a chunk runs.
        Fleet.Live late = fleet.open(identity.track(prompt(200)));
        fleet.step(
                1,
                List.of(prefilling, decoding, other),
                () -> {
                    if (!late.prefilled()) {
                        fleet.step(64, late);
                    }
                });
        fleet.finish(64, late);
        fleet.finish(1, prefilling);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void kvIsImportedWhileADecodeIsUnderWay(boolean prepacked) {
        Fleet from = fleet(unpacked);
        Fleet to = fleet(prepacked ? packed : unpacked);
        Fleet.Live moving = from.open(identity.track(prompt(200)));
        from.prefill(64, moving);
        from.decode(3, moving);
        Fleet.Live decoding = to.open(identity.track(cases.get(4)));
        to.prefill(WHOLE, decoding);
        boolean[] moved = {false};
        to.step(
                1,
                List.of(decoding),
                () -> {
                    if (!moved[0]) {
                        Fleet.move(moving, from, to);
                        moved[0] = true;
                    }
                });
        to.decode(40, moving, decoding);
        assertEquals(200 + 43, moving.kv.length());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void kvIsExportedWhileSlotsAreCompacted(boolean prepacked) {
        Fleet fleet = fleet(prepacked ? packed : unpacked);
        List<Fleet.Live> all = new ArrayList<>();
        for (int i = 0; i < SLOTS; i++) {
            Fleet.Live live = fleet.open(identity.track(cases.get(i)));
            fleet.prefill(WHOLE, live);
            all.add(live);
        }
        Fleet.Live exported = all.get(7);
        KvBlock before = fleet.executor().export(exported.kv, 0, 100);
        for (int hole : new int[] {0, 2, 4}) {
            all.get(hole).kv.close();
        }
        List<Fleet.Live> left = List.of(all.get(1), all.get(3), all.get(5), all.get(6), exported);
        List<KvBlock> during = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            fleet.step(1, left, () -> during.add(fleet.executor().export(exported.kv, 0, 100)));
        }
        during.forEach(block -> assertEquals(before.layers(), block.layers()));
        Fleet other = fleet(unpacked);
        Fleet.move(exported, fleet, other);
        other.finish(1, exported);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aForkContinuesOnItsOwn(boolean prepacked) {
        Fleet fleet = fleet(prepacked ? packed : unpacked);
        TokenIdentity.Case reference = prompt(100);
        Fleet.Live parent = fleet.open(identity.track(reference));
        fleet.prefill(48, parent);
        Fleet.Live child = fleet.open(identity.track(reference));
        fleet.executor().fork(parent.kv, child.kv, 99);
        fleet.step(1, child); // the last prompt token again
        fleet.decode(10, parent, child);
        fleet.finish(1, parent);
        parent.kv.close();
        fleet.finish(1, child);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAbortedStepLeavesNoTrace(boolean prepacked) {
        Fleet fleet = fleet(prepacked ? packed : unpacked);
        Fleet.Live first = fleet.open(identity.track(prompt(200)));
        Fleet.Live second = fleet.open(identity.track(cases.get(4)));
        fleet.prefill(WHOLE, second);
        for (int slices = 0; slices <= config.layers(); slices++) {
            int length = first.kv.length();
            fleet.abort(64, slices, first, second);
            assertEquals(length, first.kv.length());
            fleet.step(32, first, second);
        }
        fleet.finish(64, first);
        fleet.finish(1, second);
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 450})
    void theFormSwitchesInMidSequence(int promptTokens) {
        try (OrtModel model = OrtModel.of(weights, 1)) {
            Fleet fleet = fleet(model);
            Fleet.Live decoding = fleet.open(identity.track(prompt(promptTokens)));
            Fleet.Live prefilling = fleet.open(identity.track(prompt(200)));
            fleet.prefill(64, decoding);
            fleet.decode(5, decoding);
            // A step that began unpacked ends so, and the next one is prepacked.
            fleet.step(
                    100,
                    List.of(decoding, prefilling),
                    () -> model.optimise().toCompletableFuture().join());
            assertTrue(model.prepacked());
            fleet.finish(64, prefilling);
            fleet.finish(1, decoding);
            opened.forEach(TokenExecutor::close);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 20})
    void aSequenceMovesBetweenTwoInstances(int decodedBefore) {
        Fleet from = fleet(unpacked);
        Fleet to = fleet(packed);
        for (int promptTokens : new int[] {17, 450, 1500}) {
            Fleet.Live live = from.open(identity.track(prompt(promptTokens)));
            if (decodedBefore == 0) { // in mid-prefill
                from.step(promptTokens / 2, live);
            } else {
                from.prefill(128, live);
                from.decode(decodedBefore - 1, live);
            }
            Fleet.move(live, from, to);
            to.finish(128, live);
            live.kv.close();
        }
    }

    /** The control: if losing KV did not change the tokens, none of the above would prove much. */
    @ParameterizedTest
    @ValueSource(longs = {1})
    void losingOneLayerOfSixteenTokensChangesTheOutput(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Fleet fleet = fleet(packed);
        int changed = 0;
        int trials = 60;
        for (int trial = 0; trial < trials; trial++) {
            TokenIdentity.Case reference = cases.get(3 + random.nextInt(6));
            int prompt = reference.prompt().length;
            int layer = random.nextInt(config.layers());
            int from = random.nextInt(prompt - 16);
            changed += differsWithin32(fleet.executor(), reference, layer, from) ? 1 : 0;
        }
        assertTrue(changed >= 0.95 * trials, changed + " of " + trials + " changed, seed " + seed);
        fleet.finish(WHOLE, fleet.open(identity.track(cases.get(0))));
    }

    private boolean differsWithin32(
            TokenExecutor executor, TokenIdentity.Case reference, int layer, int from) {
        int[] prompt = reference.prompt();
        try (KvSequence whole = executor.open(prompt.length);
                KvSequence damaged = executor.open(prompt.length + 33)) {
            run(executor, whole, Arrays.copyOf(prompt, prompt.length - 1));
            KvBlock block = executor.export(whole, 0, prompt.length - 1);
            zero(block, layer, from, Math.min(16, prompt.length - 1 - from));
            executor.restore(damaged, block);
            int token = prompt[prompt.length - 1];
            for (int i = 0; i < 32; i++) {
                token = run(executor, damaged, token);
                if (token != reference.tokens()[i]) {
                    return true;
                }
            }
            return false;
        }
    }

    private void zero(KvBlock block, int layer, int from, int tokens) {
        int headDim = config.headDim();
        ByteBuffer bytes = block.layers().get(layer).order(ByteOrder.nativeOrder());
        for (int part = 0; part < 2 * config.kvHeads(); part++) {
            for (int i = 0; i < tokens * headDim; i++) {
                int at = (part * block.tokens() + from) * headDim + i;
                bytes.putFloat(at * Float.BYTES, 0);
            }
        }
    }

    private static int run(TokenExecutor executor, KvSequence sequence, int... tokens) {
        Segment segment = new Segment(sequence, tokens, true);
        try (StepCursor cursor = executor.begin(new StepInput(List.of(segment)))) {
            while (!cursor.advance()) {}
            return TokenIdentity.argmax(cursor.logits(0));
        }
    }

    private TokenIdentity.Case prompt(int tokens) {
        return cases.stream().filter(c -> c.prompt().length == tokens).findFirst().orElseThrow();
    }

    private Fleet fleet(OrtModel model) {
        TokenExecutor executor = new OrtExecutor(model, OrtOptions.of(SLOTS, 1600));
        opened.add(executor);
        return new Fleet(executor);
    }
}
