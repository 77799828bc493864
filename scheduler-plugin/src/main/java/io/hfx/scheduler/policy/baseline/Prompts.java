package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.policy.parts.PrefillOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The prompts on a worker, by latest start.
 *
 * @param inTime those that can make their first token, and those that had it before they lost KV
 * @param late the others, and those without objective or demoted
 */
record Prompts(List<SequenceView> inTime, List<SequenceView> late) {
    static Prompts of(StepView view) {
        Prompts prompts = new Prompts(new ArrayList<>(), new ArrayList<>());
        List<SequenceView> all =
                PrefillOrder.sorted(
                        view, Comparator.comparingLong(s -> FirstToken.latestStartNanos(s, view)));
        for (SequenceView s : all) {
            (FirstToken.isLost(s, view) ? prompts.late : prompts.inTime).add(s);
        }
        return prompts;
    }
}
