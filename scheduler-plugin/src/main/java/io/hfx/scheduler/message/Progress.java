package io.hfx.scheduler.message;

import java.util.List;

/**
 * How far a request has come.
 *
 * @param requestId of the request
 * @param generated output tokens of each sequence so far; {@link #ENDED} for one that is complete
 */
public record Progress(long requestId, List<Integer> generated) {
    /** Stands for a sequence that is complete and needs nothing more. */
    public static final int ENDED = -1;

    public Progress {
        generated = List.copyOf(generated);
    }
}
