package io.hfx.plugin.djl;

import io.hfx.scheduler.explain.Decision;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.slo.SloClass;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Hears what is decided in one queue, in order, by the thread that holds the queue's lock: it must
 * be quick and must not call back.
 *
 * @param <J> a job
 */
interface QueueObserver<J> {
    /**
     * A job came. The first that is heard of it.
     *
     * @param ageNanos how long ago its request was read
     * @param ahead jobs that wait already
     */
    void queued(long nowNanos, J job, SloClass sloClass, int priority, long ageNanos, int ahead);

    /**
     * What becomes of a job in the end, for somebody to say who must not keep the job itself. Any
     * thread.
     */
    Answer answer(J job);

    /** The end of a job, to be told once. */
    interface Answer {
        /**
         * The job has ended.
         *
         * @param output that its client got; null where it got none
         * @param error in the place of an output
         */
        void is(@Nullable Object output, @Nullable Throwable error);
    }

    /** The scheduler decided something about a job that no worker has taken, but no refusal. */
    void decided(J job, Decision decision);

    /** A worker took a batch. */
    void began(long nowNanos, WorkerId worker, Collection<J> batch, long predictedNanos);

    /**
     * A worker's batch is over.
     *
     * @param fitted the latency model as it is after that batch
     */
    void ended(int jobs, long predictedNanos, long tookNanos, LatencyModel fitted);

    /** One that hears nothing. */
    static <J> QueueObserver<J> none() {
        return new QueueObserver<>() {
            @Override
            public void queued(
                    long nowNanos,
                    J job,
                    SloClass sloClass,
                    int priority,
                    long ageNanos,
                    int ahead) {}

            @Override
            public Answer answer(J job) {
                return (output, error) -> {};
            }

            @Override
            public void decided(J job, Decision decision) {}

            @Override
            public void began(
                    long nowNanos, WorkerId worker, Collection<J> batch, long predictedNanos) {}

            @Override
            public void ended(int jobs, long predictedNanos, long tookNanos, LatencyModel fitted) {}
        };
    }
}
