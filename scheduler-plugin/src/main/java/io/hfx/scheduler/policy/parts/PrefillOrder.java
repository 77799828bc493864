package io.hfx.scheduler.policy.parts;

import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** In which order a step takes prefills. */
@FunctionalInterface
public interface PrefillOrder {
    /** Those that can be prefilled now, best first; looked through as far as there is room. */
    Iterable<? extends SequenceView> of(StepView view);

    /** Started ones first, then waiting ones as they came to the worker. */
    static PrefillOrder arrival() {
        return view ->
                () ->
                        Stream.<SequenceView>concat(
                                        view.prefilling().stream(), view.waiting().stream())
                                .iterator();
    }

    /** All by one order, so that a waiting one can overtake a started one; ties by arrival. */
    static PrefillOrder by(Comparator<? super SequenceView> order) {
        return view -> sorted(view, order);
    }

    /** What {@link #by} gives, as a list. */
    static List<SequenceView> sorted(StepView view, Comparator<? super SequenceView> order) {
        List<SequenceView> all = new ArrayList<>(view.prefilling());
        all.addAll(view.waiting());
        Comparator<SequenceView> byOrder = order::compare;
        all.sort(byOrder.thenComparingLong(SequenceView::arrivalNanos));
        return all;
    }
}
