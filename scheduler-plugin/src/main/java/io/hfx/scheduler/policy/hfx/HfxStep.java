package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.policy.parts.ShareLedger;
import io.hfx.scheduler.slo.Slo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The worker's half of the HFX policy. */
final class HfxStep implements StepPolicy {
    /** Steps that may run in place of a suspended one before it goes on. */
    private static final int MOST_INTERPOSED = 8;

    /** Chunks that do not complete a prompt are multiples of this. */
    private static final int CHUNK_GRAIN = 16;

    private final HfxSettings settings;
    private final ShareLedger share;
    private long suspendedNanos;
    private int interposed;

    HfxStep(HfxSettings settings) {
        this.settings = settings;
        this.share = new ShareLedger(settings.leftoverShare(), settings.maxChunkTokens());
    }

    @Override
    public Composition compose(StepView view) {
        if (view.hasSuspended() && (interposed >= MOST_INTERPOSED || !urgent(view))) {
            interposed = 0;
            return Composition.RESUME;
        }
        interposed = view.hasSuspended() ? interposed + 1 : 0;
        Batching batch = new Batching(view);
        StepShape shape = StepShape.EMPTY;
        List<SequenceView> decoding = batch.decodeAll();
        for (SequenceView s : decoding) {
            shape = shape.plusDecode(s.computed() + 1);
        }
        fill(batch, shape, limitNanos(view, decoding, shape), view);
        if (batch.isEmpty() && view.hasSuspended()) {
            interposed = 0;
            return Composition.RESUME;
        }
        return batch.composition();
    }

    /** Yields a step when that saves the first token of a tighter request. */
    @Override
    public Verdict afterSlice(StepView view, StepPlan running, long remainingNanos) {
        if (view.hasSuspended() || running.chunks().isEmpty()) {
            return Verdict.CONTINUE;
        }
        suspendedNanos = remainingNanos;
        return urgent(view) ? Verdict.YIELD : Verdict.CONTINUE;
    }

    /** Whether a waiting request makes its first token only if it goes before the open step. */
    private boolean urgent(StepView view) {
        for (SequenceView s : view.waiting()) {
            long dueNanos = dueNanos(s, view);
            long aloneNanos =
                    view.nowNanos()
                            + view.latency().prefillNanos(s.computed(), s.remainingPrefill());
            if (dueNanos != Slo.NONE
                    && aloneNanos <= dueNanos
                    && aloneNanos + suspendedNanos > dueNanos) {
                return true;
            }
        }
        return false;
    }

    /** The longest step that the running sequences allow. */
    private long limitNanos(StepView view, List<SequenceView> decoding, StepShape decodes) {
        long fastestNanos = view.latency().stepNanos(decodes);
        long limit = settings.maxStepNanos();
        for (SequenceView s : decoding) {
            if (!s.leftover()) {
                limit = Math.min(limit, allowedNanos(s, view.nowNanos(), fastestNanos));
            }
        }
        return (long) (limit * settings.margin());
    }

    private static long allowedNanos(SequenceView s, long nowNanos, long fastestNanos) {
        long allowed = Slo.NONE;
        if (s.slo().hasTpot()) {
            allowed =
                    Deadlines.allowedStepNanos(
                            nowNanos - s.firstTokenNanos(),
                            s.generated(),
                            s.remainingTokens(),
                            s.slo().tpotNanos(),
                            fastestNanos);
        }
        if (s.slo().hasE2e()) {
            long leftNanos = s.arrivalNanos() + s.slo().e2eNanos() - nowNanos;
            long eachNanos = leftNanos / Math.max(1, s.remainingTokens());
            allowed = Math.min(allowed, eachNanos < fastestNanos ? Slo.NONE : eachNanos);
        }
        return allowed;
    }

    private void fill(Batching batch, StepShape decodes, long limitNanos, StepView view) {
        List<SequenceView> onTime = new ArrayList<>();
        List<SequenceView> leftover = new ArrayList<>();
        sort(view.prefilling(), onTime, leftover, decodes, view);
        sort(view.waiting(), onTime, leftover, decodes, view);
        onTime.sort(
                Comparator.comparingLong((SequenceView s) -> dueNanos(s, view))
                        .thenComparingLong(SequenceView::arrivalNanos));
        boolean owed = !leftover.isEmpty() && share.owes(settings.minChunkTokens());
        List<SequenceView> order = new ArrayList<>(owed ? leftover.subList(0, 1) : List.of());
        order.addAll(onTime);
        order.addAll(owed ? leftover.subList(1, leftover.size()) : leftover);

        StepShape shape = decodes;
        int left = settings.maxChunkTokens();
        int least = settings.minChunkTokens();
        for (SequenceView s : order) {
            int most = owed && s == leftover.get(0) ? Math.max(least, left / 2) : left;
            int n = batch.prefill(s, chunk(s, shape, limitNanos, most, least, view));
            if (n == 0) {
                break;
            }
            account(n, leftover.contains(s), !leftover.isEmpty());
            shape = shape.plusChunk(s.computed(), n);
            left -= n;
            least = 0;
        }
    }

    /** Those that can still make their first token, and those served from what is left. */
    private static void sort(
            Iterable<? extends SequenceView> all,
            List<SequenceView> onTime,
            List<SequenceView> leftover,
            StepShape decodes,
            StepView view) {
        for (SequenceView s : all) {
            long dueNanos = dueNanos(s, view);
            long atBestNanos =
                    view.nowNanos()
                            + Deadlines.prefillNanos(
                                    view.latency(), s.computed(), s.remainingPrefill(), decodes);
            boolean late = dueNanos == Slo.NONE || atBestNanos > dueNanos;
            (late && s.generated() == 0 ? leftover : onTime).add(s);
        }
    }

    private static int chunk(
            SequenceView s,
            StepShape shape,
            long limitNanos,
            int mostTokens,
            int leastTokens,
            StepView view) {
        int remaining = s.remainingPrefill();
        int most = Math.min(remaining, mostTokens);
        int n = view.latency().largestChunk(shape, s.computed(), limitNanos, most);
        n = Math.max(n, Math.min(leastTokens, remaining));
        if (n < remaining) {
            n = n >= CHUNK_GRAIN ? n - n % CHUNK_GRAIN : n;
            boolean leavesOne = remaining - n == 1;
            n = leavesOne ? n - 1 : n;
        }
        return n;
    }

    private void account(int tokens, boolean isLeftover, boolean leftoverWaits) {
        if (isLeftover) {
            share.leftoverServed(tokens);
        } else {
            share.othersServed(tokens, leftoverWaits);
        }
    }

    private static long dueNanos(SequenceView s, StepView view) {
        return s.leftover()
                ? Slo.NONE
                : Deadlines.firstTokenNanos(s.request(), s.arrivalNanos(), view.latency());
    }
}
