package io.hfx.plugin.live;

import io.hfx.plugin.service.Refusal;
import io.hfx.scheduler.message.FleetCommand;

/** What people read when the scheduler refuses a request. */
final class Refusals {
    private Refusals() {}

    static Refusal of(FleetCommand.Refuse refuse) {
        String message =
                switch (refuse.reason()) {
                    case QUEUE_FULL -> "too many requests wait already";
                    case SLO_OUT_OF_REACH -> "its objective can no longer be met";
                    case DEADLINE_PASSED -> "its end-to-end deadline passed before it started";
                    case NO_WORKER -> "the model has no worker";
                    case TOO_LONG -> "prompt and max_tokens exceed what a worker can hold";
                };
        return new Refusal(
                refuse.reason().httpStatus(),
                refuse.reason().label(),
                message,
                refuse.retryAfterNanos());
    }
}
