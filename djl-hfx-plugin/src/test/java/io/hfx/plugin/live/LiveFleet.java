package io.hfx.plugin.live;

import io.hfx.engine.emulated.EmulatedExecutor;
import io.hfx.engine.emulated.EmulatedOptions;
import io.hfx.engine.emulated.LatencyProfile;
import io.hfx.engine.emulated.Waiting;
import io.hfx.engine.executor.TokenExecutor;
import io.hfx.engine.sampling.SamplingParams;
import io.hfx.engine.text.Tokenizer;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.ServedModel;
import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Live services on emulated executors whose steps take a fraction of a millisecond. */
final class LiveFleet {
    static final int SLOTS = 8;
    static final SloClass TIGHT =
            new SloClass(
                    "tight", new Slo(5_000_000_000L, 1_000_000_000L, Slo.NONE), OnMiss.DEMOTE, 1);

    private LiveFleet() {}

    /** Names of all policies that live workers can run. */
    static Stream<String> policies() {
        return Policies.all(LiveFleet.class.getClassLoader()).values().stream()
                .filter(p -> LiveSettings.CAPABILITIES.containsAll(p.requires()))
                .map(Policy::name);
    }

    static TokenExecutor executor() {
        return new EmulatedExecutor(
                new EmulatedOptions("test", 100, SLOTS, 512, 4_096, 64, 4, Set.of(0)),
                new LatencyProfile(50_000, 500, 0, 100_000, 10_000, 0),
                Waiting.real());
    }

    static LiveModelService start(String policy, List<TokenExecutor> executors, LoopLog log) {
        LiveSettings settings =
                new LiveSettings(
                        Policies.named(policy, LiveFleet.class.getClassLoader()),
                        PolicyConfig.DEFAULTS,
                        DispatcherLimits.DEFAULTS);
        ServedModel model = new ServedModel("test", new NoTokenizer(), null, 512, 0);
        return new LiveModelService(model, executors, List.of(0), settings, log).start();
    }

    static GenerationRequest request(long id, SloClass sloClass, int prompt, int n, int maxTokens) {
        return new GenerationRequest(
                id,
                List.of(new int[prompt]),
                n,
                SamplingParams.GREEDY,
                maxTokens,
                false,
                sloClass,
                3,
                System.nanoTime());
    }

    private static final class NoTokenizer implements Tokenizer {
        @Override
        public int[] encode(String text, boolean addSpecialTokens) {
            throw new UnsupportedOperationException("ids only");
        }

        @Override
        public String decode(int[] ids, boolean skipSpecialTokens) {
            throw new UnsupportedOperationException("ids only");
        }

        @Override
        public int vocabulary() {
            return 100;
        }

        @Override
        public void close() {}
    }
}
