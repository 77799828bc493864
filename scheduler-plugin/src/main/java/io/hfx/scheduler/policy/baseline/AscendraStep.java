package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.policy.parts.WithinTime;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.slo.Slo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Ascendra's worker: decodes first and short steps, or prompts at once where one is urgent. */
final class AscendraStep implements StepPolicy {
    private final Ascendra.Settings settings;

    /** Of each prompt here: whether it was urgent when it came. */
    private Map<SequenceKey, Boolean> urgent = new HashMap<>();

    AscendraStep(Ascendra.Settings settings) {
        this.settings = settings;
    }

    @Override
    public Composition compose(StepView view) {
        Prompts prompts = Prompts.of(view);
        List<SequenceView> hurried = hurried(prompts.inTime(), view);
        Batching batch = new Batching(view);
        long tightestNanos = Slo.NONE;
        for (SequenceView s : batch.decodeAll()) {
            tightestNanos = Math.min(tightestNanos, Due.paceNanos(s, view.nowNanos()));
        }
        long limitNanos =
                tightestNanos == Slo.NONE ? Slo.NONE : (long) (tightestNanos * settings.margin());
        int left = settings.fullTokens();
        left -= new WithinTime(view, batch, Slo.NONE).prefill(hurried, 0, left);
        WithinTime step = new WithinTime(view, batch, limitNanos);
        int least = hurried.isEmpty() ? settings.minChunkTokens() : 0;
        List<SequenceView> others = new ArrayList<>(prompts.inTime());
        others.removeAll(hurried);
        left -= step.prefill(others, least, left);
        step.prefill(prompts.late(), batch.isEmpty() ? settings.minChunkTokens() : 0, left);
        return batch.composition();
    }

    /** Of the prompts in time, those that were urgent when they came. */
    private List<SequenceView> hurried(List<SequenceView> inTime, StepView view) {
        long fullNanos = view.latency().prefillNanos(0, settings.fullTokens());
        Map<SequenceKey, Boolean> here = new HashMap<>();
        List<SequenceView> hurried = new ArrayList<>();
        for (SequenceView s : inTime) {
            long latestNanos = FirstToken.latestStartNanos(s, view) - fullNanos;
            boolean came = urgent.getOrDefault(s.key(), latestNanos < view.nowNanos());
            here.put(s.key(), came);
            if (came) {
                hurried.add(s);
            }
        }
        urgent = here;
        return hurried;
    }
}
