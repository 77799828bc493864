package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.request.WorkerSpec;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * A sequence on a worker, as its policy sees it.
 *
 * @param computed tokens in KV; all of the prompt for one that decodes
 * @param generated 0 for one that waits or is prefilled
 */
public record FakeSequence(
        RequestSpec request,
        long arrivalNanos,
        boolean demoted,
        int computed,
        int generated,
        long firstTokenNanos)
        implements SequenceView {
    /** Waits, or is prefilled as far as {@code computed}. */
    public static FakeSequence prefill(RequestSpec request, int computed) {
        return new FakeSequence(request, 0, false, computed, 0, -1);
    }

    /** Decodes since {@code firstMillis}. */
    public static FakeSequence decode(RequestSpec request, long firstMillis, int generated) {
        int computed = request.totalPromptTokens() + generated - 1;
        return new FakeSequence(
                request, 0, false, computed, generated, firstMillis * FakeWorker.MS);
    }

    @Override
    public SequenceKey key() {
        return new SequenceKey(request.id(), 0);
    }

    @Override
    public long lastTokenNanos() {
        return firstTokenNanos; // none of the policies that it is for asks
    }

    @Override
    public int remainingPrefill() {
        return generated > 0 ? 0 : request.totalPromptTokens() - computed;
    }

    /** A worker at a time with these sequences, and KV enough. */
    public static StepView view(long nowMillis, FakeSequence... sequences) {
        List<FakeSequence> all = Arrays.asList(sequences);
        return new StepView() {
            @Override
            public long nowNanos() {
                return nowMillis * FakeWorker.MS;
            }

            @Override
            public WorkerSpec worker() {
                return new FakeWorker("worker").spec();
            }

            @Override
            public LatencyModel latency() {
                return FakeWorker.LATENCY;
            }

            @Override
            public Collection<FakeSequence> waiting() {
                return all.stream().filter(s -> s.computed() == 0).toList();
            }

            @Override
            public Collection<FakeSequence> prefilling() {
                return all.stream().filter(s -> s.computed() > 0 && s.generated() == 0).toList();
            }

            @Override
            public Collection<FakeSequence> decoding() {
                return all.stream().filter(s -> s.generated() > 0).toList();
            }

            @Override
            public long freeKvUnits() {
                return 1_000L - all.stream().mapToInt(FakeSequence::computed).sum();
            }

            @Override
            public boolean hasSuspended() {
                return false;
            }
        };
    }
}
