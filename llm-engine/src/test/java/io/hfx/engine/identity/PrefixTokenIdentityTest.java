package io.hfx.engine.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.engine.executor.KvBlock;
import io.hfx.engine.executor.TokenExecutor;
import io.hfx.engine.ort.OrtExecutor;
import io.hfx.engine.ort.OrtModel;
import io.hfx.engine.ort.OrtOptions;
import io.hfx.engine.prefix.BlockChain;
import io.hfx.engine.prefix.BlockWriter;
import io.hfx.engine.prefix.PrefixLease;
import io.hfx.engine.prefix.PrefixStore;
import io.hfx.engine.sample.SampleForm;
import io.hfx.engine.weights.ModelWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The tokens are the reference's where the beginning of a sequence comes from the prefix cache:
 * every family and form, blocks of several sizes, made and taken by different executors, of prompts
 * that have ended and of ones that still run.
 */
final class PrefixTokenIdentityTest {
    private static final int SLOTS = 6;
    private static final int WHOLE = Integer.MAX_VALUE / 2;

    @TempDir static Path checkpoints;

    @ParameterizedTest
    @EnumSource
    void aCachedPrefixChangesNoToken(SampleForm form) throws IOException {
        Path dir = checkpoints.resolve(form.title());
        if (!Files.exists(dir)) {
            References.create(form, dir);
        }
        List<TokenIdentity.Case> cases = TokenIdentity.reference(form.title(), dir);
        TokenIdentity identity = new TokenIdentity();
        ModelWeights weights = ModelWeights.load(dir);
        try (OrtModel unpacked = OrtModel.of(weights, 1);
                OrtModel packed = OrtModel.of(weights, 1)) {
            packed.optimise().toCompletableFuture().join();
            for (int blockTokens : new int[] {64, 16}) {
                int chunkTokens = blockTokens == 64 ? WHOLE : 16;
                try (TokenExecutor from = executor(unpacked);
                        TokenExecutor to = executor(packed)) {
                    PrefixStore store = store(unpacked, blockTokens);
                    int hit = 0;
                    for (TokenIdentity.Case reference : cases) {
                        make(from, store, identity, reference);
                        hit += take(to, store, identity, reference, chunkTokens);
                    }
                    assertTrue(hit > 0, "no prompt was long enough for a block");
                    assertEquals(0, store.stats().pinnedBlocks());
                }
            }
        }
        identity.assertClear();
    }

    private static PrefixStore store(OrtModel model, int blockTokens) {
        return new PrefixStore(
                model.modelHash(),
                blockTokens,
                OrtExecutor.kvBytesPerToken(model.config()),
                1L << 30);
    }

    /** Prefills in chunks and decodes; what is full goes into the store after every step. */
    private static void make(
            TokenExecutor executor,
            PrefixStore store,
            TokenIdentity identity,
            TokenIdentity.Case reference) {
        Fleet fleet = new Fleet(executor);
        Fleet.Live live = fleet.open(identity.track(reference));
        BlockChain chain = chain(store, reference);
        int blocks = 0;
        while (!live.track.finished()) {
            fleet.step(100, live);
            while ((blocks + 1) * store.blockTokens() <= live.kv.length()) {
                assertTrue(store.put(chain, blocks++, writer(executor, live)));
            }
        }
        live.kv.close();
    }

    private static BlockWriter writer(TokenExecutor executor, Fleet.Live live) {
        return new BlockWriter() {
            @Override
            public KvBlock allocate(int tokens) {
                return executor.newBlock(tokens);
            }

            @Override
            public void write(KvBlock block) {
                executor.export(live.kv, block);
            }
        };
    }

    /** Begins with what is cached and computes the rest, in one go or in chunks. */
    private static int take(
            TokenExecutor executor,
            PrefixStore store,
            TokenIdentity identity,
            TokenIdentity.Case reference,
            int chunkTokens) {
        Fleet fleet = new Fleet(executor);
        int prompt = reference.prompt().length;
        int hit;
        Fleet.Live live = fleet.open(identity.track(reference));
        try (PrefixLease lease = store.lease(chain(store, reference), prompt - 1)) {
            assertEquals((prompt - 1) / store.blockTokens(), blocks(lease, store));
            for (int i = 0; i < blocks(lease, store); i++) {
                executor.restore(live.kv, lease.block(i));
            }
            hit = lease.tokens();
            assertEquals(hit, live.kv.length());
        }
        fleet.finish(chunkTokens, live);
        live.kv.close();
        return hit;
    }

    private static int blocks(PrefixLease lease, PrefixStore store) {
        return lease.tokens() / store.blockTokens();
    }

    /** Over prompt and output, as a second turn has them. */
    private static BlockChain chain(PrefixStore store, TokenIdentity.Case reference) {
        int prompt = reference.prompt().length;
        int[] all = Arrays.copyOf(reference.prompt(), prompt + reference.tokens().length);
        System.arraycopy(reference.tokens(), 0, all, prompt, reference.tokens().length);
        return store.chain("test", (from, count) -> Arrays.copyOfRange(all, from, from + count));
    }

    private static TokenExecutor executor(OrtModel model) {
        return new OrtExecutor(model, OrtOptions.of(SLOTS, model.config().maxPositions()));
    }
}
