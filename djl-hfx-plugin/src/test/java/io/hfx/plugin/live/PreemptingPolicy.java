package io.hfx.plugin.live;

import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.request.SequenceKey;
import java.util.ArrayList;
import java.util.List;

/** First come, first served, but every third step throws a decoding sequence's KV away. */
final class PreemptingPolicy implements Policy {
    private final Policy policy = Policies.named("fcfs", PreemptingPolicy.class.getClassLoader());

    @Override
    public String name() {
        return "preempting";
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        return policy.fleet(config);
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        return new Step(policy.step(config));
    }

    private static final class Step implements StepPolicy {
        private final StepPolicy policy;
        private int steps;

        Step(StepPolicy policy) {
            this.policy = policy;
        }

        @Override
        public Composition compose(StepView view) {
            Composition wanted = policy.compose(view);
            int decodes = wanted.decodes().size();
            if (++steps % 3 > 0 || decodes == 0 || decodes + wanted.chunks().size() < 2) {
                return wanted;
            }
            List<SequenceKey> rest = new ArrayList<>(wanted.decodes());
            List<SequenceKey> preempt = new ArrayList<>(wanted.preempt());
            preempt.add(rest.remove(steps % decodes));
            return new Composition(
                    rest, wanted.chunks(), preempt, wanted.handBack(), wanted.resume());
        }

        @Override
        public Verdict afterSlice(StepView view, StepPlan running, long remainingNanos) {
            return policy.afterSlice(view, running, remainingNanos);
        }
    }
}
