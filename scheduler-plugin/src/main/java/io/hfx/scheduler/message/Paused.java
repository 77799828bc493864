package io.hfx.scheduler.message;

import java.util.ArrayList;
import java.util.List;

/**
 * A request that has stopped between two steps, ready to go on elsewhere.
 *
 * @param requestId of the request
 * @param generated output tokens of each sequence; {@link Progress#ENDED} for one that is complete
 * @param sinceFirstTokenNanos time since the first token of each sequence; 0 for one that is
 *     complete
 */
public record Paused(long requestId, List<Integer> generated, List<Long> sinceFirstTokenNanos) {
    public Paused {
        generated = List.copyOf(generated);
        sinceFirstTokenNanos = List.copyOf(sinceFirstTokenNanos);
    }

    /** The same some time later. */
    Paused aged(long nanos) {
        List<Long> since = new ArrayList<>();
        for (int i = 0; i < generated.size(); i++) {
            boolean complete = generated.get(i) == Progress.ENDED;
            since.add(sinceFirstTokenNanos.get(i) + (complete ? 0 : nanos));
        }
        return new Paused(requestId, generated, since);
    }

    public Progress progress() {
        return new Progress(requestId, generated);
    }
}
