package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.message.Outlook;
import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.policy.parts.OutputLengths;
import io.hfx.scheduler.policy.parts.ShareLedger;
import io.hfx.scheduler.slo.Slo;
import java.util.List;
import java.util.Map;

/** The worker's half of the HFX policy. */
final class HfxStep implements StepPolicy {
    /** Steps that may run in place of a suspended one before it goes on. */
    private static final int MOST_INTERPOSED = 8;

    /** Chunks that do not complete a prompt are multiples of this. */
    private static final int CHUNK_GRAIN = 16;

    /** Time that leftover work gets at once, and most that a long wait may buy. */
    private static final double TURN_NANOS = 20e6;

    private static final double MOST_CREDIT_NANOS = 200e6;

    /** Quantile of the lengths of outputs by which end-to-end deadlines are planned. */
    private static final double USUAL = 0.75;

    private final HfxSettings settings;
    private final ShareLedger share;
    private final OutputLengths lengths = new OutputLengths();
    private final Pace pace;
    private Outlook outlook = Outlook.NONE;
    private Map<String, Integer> usualOutputs = Map.of();
    private long suspendedNanos;

    /** When the first of the first tokens that the open step makes is due. */
    private long openDueNanos = Slo.NONE;

    private int interposed;

    HfxStep(HfxSettings settings) {
        this.settings = settings;
        this.share = new ShareLedger(settings.leftoverShare(), MOST_CREDIT_NANOS);
        this.pace = new Pace(settings, lengths);
    }

    @Override
    public Composition compose(StepView view) {
        boolean decodesOnly = view.hasSuspended() && !isPrefillUrgent(view);
        if (interposed >= MOST_INTERPOSED || (decodesOnly && !isDecodeUrgent(view))) {
            interposed = 0;
            return Composition.RESUME;
        }
        interposed = view.hasSuspended() ? interposed + 1 : 0;
        PrefillTurn prefills = new PrefillTurn(view, usualOutputs);
        DecodeTurn decodes = new DecodeTurn(view, pace, settings, prefills);
        Batching batch = new Batching(view);
        batch.decode(decodes.due);
        if (!decodesOnly) {
            fill(batch, decodes, prefills, view);
        }
        if (batch.isEmpty()) {
            batch.decodeAll();
        }
        if (batch.isEmpty() && view.hasSuspended()) {
            interposed = 0;
            return Composition.RESUME;
        }
        long stepNanos = view.latency().stepNanos(batch.shape());
        boolean leftoverWaits = !decodes.leftover.isEmpty() || !prefills.leftover.isEmpty();
        share.othersServed((double) stepNanos, leftoverWaits);
        Composition composition = batch.composition();
        if (!view.hasSuspended()) {
            openDueNanos = prefills.firstDueNanos(composition);
        }
        outlook =
                new Outlook(
                        decodes.afterNanos(stepNanos),
                        prefills.after(composition),
                        Map.of(),
                        usualOutputs);
        return composition;
    }

    @Override
    public void ended(SequenceView sequence) {
        lengths.ended(sequence.request().sloClass().name(), sequence.generated());
        usualOutputs = Map.copyOf(lengths.quantiles(USUAL));
    }

    @Override
    public Outlook outlook() {
        return outlook;
    }

    /** Yields a step when that saves the first token of a tighter request, or a decode's TPOT. */
    @Override
    public Verdict afterSlice(StepView view, StepPlan running, long remainingNanos) {
        if (view.hasSuspended() || running.chunks().isEmpty()) {
            return Verdict.CONTINUE;
        }
        suspendedNanos = remainingNanos;
        return isPrefillUrgent(view) || isDecodeUrgent(view) ? Verdict.YIELD : Verdict.CONTINUE;
    }

    /**
     * Whether a waiting request makes its first token only if it goes before the open step, and
     * makes none of that step's late.
     */
    private boolean isPrefillUrgent(StepView view) {
        for (SequenceView s : view.waiting()) {
            long dueNanos = PrefillTurn.dueNanos(s, view, usualOutputs);
            long aloneNanos =
                    view.nowNanos()
                            + view.latency().prefillNanos(s.computed(), s.remainingPrefill());
            long openEndNanos = aloneNanos + suspendedNanos;
            if (dueNanos != Slo.NONE
                    && aloneNanos <= dueNanos
                    && openEndNanos > dueNanos
                    && openEndNanos <= openDueNanos) {
                return true;
            }
        }
        return false;
    }

    /** Whether a sequence that decodes keeps its TPOT only if it goes before the open step. */
    private boolean isDecodeUrgent(StepView view) {
        long decodesNanos = view.latency().stepNanos(DecodeTurn.shape(view.decoding()));
        long afterNanos = view.nowNanos() + suspendedNanos;
        for (SequenceView s : view.decoding()) {
            if (!s.leftover()
                    && s.slo().hasTpot()
                    && !pace.isLost(s, view.nowNanos(), decodesNanos)
                    && pace.isLost(s, afterNanos, decodesNanos)) {
                return true;
            }
        }
        return false;
    }

    /** Leftover work whose turn it is, prefills in time, and of the rest what has room. */
    private void fill(Batching batch, DecodeTurn decodes, PrefillTurn prefills, StepView view) {
        boolean interposes = view.hasSuspended();
        int left = settings.maxChunkTokens();
        if (!interposes && share.owes(TURN_NANOS)) {
            left -= serveLeftover(batch, decodes, prefills, view);
        }
        long limitNanos = interposes ? spareNanos(view) : Slo.NONE;
        boolean first = true;
        for (SequenceView s : prefills.inTime) {
            int least = first ? leastTokens(batch, s, decodes, view) : 0;
            long withinNanos = Math.min(limitNanos, decodes.inTimeNanos());
            int n = prefill(batch, s, withinNanos, left, least, view);
            if (n == 0) {
                break;
            }
            left -= n;
            first = false;
            if (n == s.remainingPrefill()) {
                long leftNanos = prefills.openDueNanos(s) - view.nowNanos();
                limitNanos = Math.min(limitNanos, settings.planned(leftNanos));
            }
        }
        if (!interposes) {
            long withinNanos = Math.min(limitNanos, decodes.paceNanos());
            fillUp(batch, decodes, prefills, withinNanos, left, view);
        }
    }

    /** Time until the open step has to go on, for the first tokens that it makes. */
    private long spareNanos(StepView view) {
        return openDueNanos == Slo.NONE
                ? Slo.NONE
                : openDueNanos - suspendedNanos - view.nowNanos();
    }

    /** Decodes that are early, then leftover ones, then leftover prefill. */
    private void fillUp(
            Batching batch,
            DecodeTurn decodes,
            PrefillTurn prefills,
            long withinNanos,
            int mostTokens,
            StepView view) {
        decodeWithin(batch, decodes.early, withinNanos, view);
        decodeWithin(batch, decodes.leftover, withinNanos, view);
        int left = mostTokens;
        for (SequenceView s : prefills.leftover) {
            int least = batch.isEmpty() ? settings.minChunkTokens(view.latency()) : 0;
            int n = prefill(batch, s, withinNanos, left, least, view);
            if (n == 0) {
                break;
            }
            left -= n;
        }
    }

    /** Returns the prefill tokens. */
    private int serveLeftover(
            Batching batch, DecodeTurn decodes, PrefillTurn prefills, StepView view) {
        long beforeNanos = view.latency().stepNanos(batch.shape());
        decodeWithin(batch, decodes.leftover, decodes.latestNanos(), view);
        int tokens = 0;
        if (!prefills.leftover.isEmpty()) {
            int most = settings.maxChunkTokens() / 2;
            SequenceView first = prefills.leftover.get(0);
            int least = leastTokens(batch, first, decodes, view);
            tokens = prefill(batch, first, decodes.paceNanos(), most, least, view);
        }
        share.leftoverServed((double) (view.latency().stepNanos(batch.shape()) - beforeNanos));
        return tokens;
    }

    /** The least chunk of a step that is not to be wasted, as far as it loses no objective. */
    private int leastTokens(Batching batch, SequenceView s, DecodeTurn decodes, StepView view) {
        int least = settings.minChunkTokens(view.latency());
        return decodes.latestNanos() == Slo.NONE
                ? least
                : view.latency()
                        .largestChunk(batch.shape(), s.computed(), decodes.latestNanos(), least);
    }

    private static void decodeWithin(
            Batching batch, List<SequenceView> sequences, long limitNanos, StepView view) {
        for (SequenceView s : sequences) {
            StepShape with = batch.shape().plusDecode(s.computed() + 1);
            if (view.latency().stepNanos(with) > limitNanos) {
                return;
            }
            batch.decode(List.of(s));
        }
    }

    /** Adds as large a chunk as the step has time for; returns its tokens. */
    private static int prefill(
            Batching batch,
            SequenceView s,
            long limitNanos,
            int mostTokens,
            int leastTokens,
            StepView view) {
        int remaining = s.remainingPrefill();
        int most = Math.min(remaining, mostTokens);
        int n = view.latency().largestChunk(batch.shape(), s.computed(), limitNanos, most);
        n = Math.max(n, Math.min(leastTokens, remaining));
        if (n < remaining) {
            n = n >= CHUNK_GRAIN ? n - n % CHUNK_GRAIN : n;
            boolean leavesOne = remaining - n == 1;
            n = leavesOne ? n - 1 : n;
        }
        return batch.prefill(s, n);
    }
}
