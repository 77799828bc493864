package io.hfx.plugin.djl;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.serving.wlm.WorkerPoolConfig;
import ai.djl.serving.wlm.util.WorkerJob;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.slo.SloClass;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The queue of one model, as its worker threads see it. A worker calls {@code take} (or {@code
 * poll} with its idle time) for the first job of a batch, {@code drainTo} for the rest, and {@code
 * poll} again to wait for a batch to fill: the scheduler composed it, so there is nothing to wait
 * for. A worker that asks for a first job again has ended its batch.
 *
 * <p>Thread-safe. A worker is known by the name of its thread, which DJL Serving makes unique.
 *
 * @param <I> the input of a job
 * @param <O> the output of a job
 */
final class JobQueue<I, O> extends UnboundedQueue<WorkerJob<I, O>> {
    private final ReentrantLock lock = new ReentrantLock();
    private final WorkerPoolConfig<I, O> model;
    private final Clock clock;
    private final Refuser<I, O> refuser;
    private final QueueObserver<WorkerJob<I, O>> observer;
    private final BatchScheduler<WorkerJob<I, O>> scheduler;
    private final int mostInFlight;
    private final Map<String, Seat> seats = new HashMap<>();
    private final Map<WorkerId, Seat> seatOf = new HashMap<>();

    /** The jobs that an asynchronous engine has not returned. */
    private final Map<WorkerJob<I, O>, Place> inFlight = new HashMap<>();

    /** The seat whose batch a thread took last, whatever has become of the seat since. */
    @SuppressWarnings("ThreadLocalUsage") // of this queue's workers only; removed when one leaves
    private final ThreadLocal<@Nullable Seat> mine = new ThreadLocal<>();

    private final List<Refused<I, O>> refused = new ArrayList<>();
    private @Nullable Consumer<WorkerJob<I, O>> closed;

    /** Calls off the call that the scheduler asked for last, if it has not come. */
    private Runnable cancelWake = () -> {};

    /** As of the last time that the lock was given back, so that a reader does not take it. */
    private volatile int waiting;

    /** As {@link #waiting}. */
    private volatile boolean staffed;

    /** Time, and calls at a later time. */
    interface Clock {
        /** Nanoseconds on a scale of its own; never goes back. */
        long nanos();

        /**
         * Runs a task once after some time, on any thread.
         *
         * @return calls it off
         */
        Runnable after(long nanos, Runnable task);
    }

    /** Answers a job that will not run. */
    interface Refuser<I, O> {
        void refuse(WorkerJob<I, O> job, RefusalReason reason, long retryAfterNanos);
    }

    /**
     * @param model whose workers take from here
     * @param mostInFlight requests that each worker may have at once where its engine takes the
     *     next before it has answered the last; 0 for other engines
     * @param scheduler makes the scheduler, given who hears of jobs that it refuses
     */
    JobQueue(
            WorkerPoolConfig<I, O> model,
            Clock clock,
            int mostInFlight,
            Refuser<I, O> refuser,
            Function<BatchScheduler.Outcomes<WorkerJob<I, O>>, BatchScheduler<WorkerJob<I, O>>>
                    scheduler) {
        this(model, clock, mostInFlight, refuser, QueueObserver.none(), scheduler);
    }

    /**
     * @param model whose workers take from here
     * @param mostInFlight as above
     * @param observer hears of batches; the scheduler tells it the rest
     * @param scheduler makes the scheduler, given who hears of jobs that it refuses
     */
    JobQueue(
            WorkerPoolConfig<I, O> model,
            Clock clock,
            int mostInFlight,
            Refuser<I, O> refuser,
            QueueObserver<WorkerJob<I, O>> observer,
            Function<BatchScheduler.Outcomes<WorkerJob<I, O>>, BatchScheduler<WorkerJob<I, O>>>
                    scheduler) {
        this.observer = observer;
        this.model = model;
        this.clock = clock;
        this.mostInFlight = mostInFlight;
        this.refuser = refuser;
        this.scheduler =
                scheduler.apply(
                        new BatchScheduler.Outcomes<>() {
                            @Override
                            public void refused(
                                    WorkerJob<I, O> job, RefusalReason reason, long retryNanos) {
                                refused.add(new Refused<>(job, reason, retryNanos));
                            }

                            @Override
                            public void ready(WorkerId worker) {
                                JobQueue.this.ready(worker);
                            }

                            @Override
                            public void wakeAfter(long nanos) {
                                cancelWake.run();
                                cancelWake = clock.after(nanos, JobQueue.this::wake);
                            }
                        });
    }

    /**
     * Takes a job in.
     *
     * @param ageNanos how long ago its request was read
     */
    void add(WorkerJob<I, O> job, SloClass sloClass, int priority, long ageNanos) {
        Consumer<WorkerJob<I, O>> answer;
        lock.lock();
        try {
            answer = closed;
            if (answer == null) {
                scheduler.add(clock.nanos(), job, sloClass, priority, ageNanos);
                if (mostInFlight == 0) {
                    var unused = job.getFuture().whenComplete(observer.answer(job)::is);
                }
            }
        } finally {
            release();
        }
        if (answer != null) {
            answer.accept(job);
        }
    }

    /** Answers whatever no worker has taken. */
    void answerWaiting(Consumer<WorkerJob<I, O>> answer) {
        List<WorkerJob<I, O>> waiting = new ArrayList<>();
        locked(() -> waiting.addAll(scheduler.clear(clock.nanos())));
        waiting.forEach(answer);
    }

    /** Whether a job may go on after its worker returned it: see {@link #returned}. */
    boolean isAsynchronous() {
        return mostInFlight > 0;
    }

    /** Whether a worker runs a batch from here, or waits for one. */
    boolean isStaffed() {
        return staffed;
    }

    /** Nothing waits here any more: what no worker has taken, or comes later, is answered. */
    void close(Consumer<WorkerJob<I, O>> answer) {
        locked(() -> closed = answer);
        answerWaiting(answer);
        locked(() -> cancelWake.run());
    }

    /**
     * Forgets workers that ended in the middle of a batch.
     *
     * @param running names of the worker threads that run
     * @return what it answered
     */
    Set<String> forgetDeadWorkers(Supplier<Set<String>> running) {
        lock.lock();
        try {
            // asked inside the lock: whoever has taken a batch by now is listed
            Set<String> alive = running.get();
            for (Map.Entry<String, Seat> each : Map.copyOf(seats).entrySet()) {
                if (!each.getValue().waits && !alive.contains(each.getKey())) {
                    leave(each.getKey(), each.getValue());
                }
            }
            return alive;
        } finally {
            release();
        }
    }

    @Override
    public WorkerJob<I, O> take() throws InterruptedException {
        WorkerJob<I, O> job = first(Long.MAX_VALUE);
        if (job == null) {
            throw new AssertionError("waited for ever");
        }
        return job;
    }

    @Override
    public @Nullable WorkerJob<I, O> poll(long timeout, TimeUnit unit) throws InterruptedException {
        Seat seat = mine.get();
        if (seat != null && seat.offersMore) {
            seat.offersMore = false;
            return null;
        }
        return first(unit.toNanos(timeout));
    }

    @Override
    public int drainTo(Collection<? super WorkerJob<I, O>> target, int most) {
        Seat seat = mine.get();
        if (seat == null) {
            return 0;
        }
        int moved = 0;
        while (moved < most && !seat.batch.isEmpty()) {
            target.add(seat.batch.remove());
            moved++;
        }
        seat.offersMore = moved < most;
        return moved;
    }

    /** The first job of this thread's next batch, or null where none came in time. */
    private @Nullable WorkerJob<I, O> first(long mostNanos) throws InterruptedException {
        String name = Thread.currentThread().getName();
        lock.lockInterruptibly();
        Seat seat = seats.get(name);
        try {
            seat = seat == null ? join(name) : seat;
            rest(seat);
            long leftNanos = mostNanos;
            while (seat.batch.isEmpty() && !take(seat)) {
                if (leftNanos <= 0) {
                    mine.remove();
                    leave(name, seat);
                    return null;
                }
                if (refused.isEmpty()) {
                    show();
                    if (leftNanos == Long.MAX_VALUE) {
                        seat.ready.await(); // needs no timer
                    } else {
                        leftNanos = seat.ready.awaitNanos(leftNanos);
                    }
                } else { // they are answered before this thread waits
                    release();
                    lock.lock();
                }
            }
            mine.set(seat);
            seat.waits = false;
            return seat.batch.remove();
        } catch (InterruptedException | RuntimeException | Error e) {
            if (seat != null) {
                mine.remove();
                leave(name, seat);
            }
            throw e;
        } finally {
            release();
        }
    }

    /** Takes a batch that waits for this worker; returns false if there is none. */
    private boolean take(Seat seat) {
        for (Place place : seat.places) {
            List<WorkerJob<I, O>> taken = scheduler.take(place.id);
            if (!taken.isEmpty()) {
                seat.batch.addAll(taken);
                place.began(taken);
                if (mostInFlight > 0) {
                    taken.forEach(job -> inFlight.put(job, place));
                }
                return true;
            }
        }
        return false;
    }

    private Seat join(String name) {
        Seat seat = new Seat(lock.newCondition());
        int batchSize = mostInFlight > 0 ? 1 : Math.max(1, model.getBatchSize());
        for (int i = 0; i < Math.max(1, mostInFlight); i++) {
            Place place = new Place(new WorkerId(mostInFlight > 0 ? name + "/" + i : name));
            seat.places.add(place);
            seatOf.put(place.id, seat);
            scheduler.join(clock.nanos(), place.id, batchSize);
        }
        seats.put(name, seat);
        return seat;
    }

    /** It may come again; until then nothing is kept for it. */
    private void leave(String name, Seat seat) {
        seats.remove(name);
        for (Place place : seat.places) {
            inFlight.keySet().removeAll(place.batch);
            place.gone = true;
            seatOf.remove(place.id);
            scheduler.lost(clock.nanos(), place.id);
        }
    }

    /** A worker that asks for a batch again has ended the one before, unless it is asynchronous. */
    private void rest(Seat seat) {
        seat.offersMore = false;
        if (!seat.waits) {
            seat.waits = true;
            if (mostInFlight == 0) {
                over(seat.places.get(0));
            }
        }
    }

    /** A batch that ran as a whole is over. */
    private void over(Place place) {
        boolean ran = true;
        for (WorkerJob<I, O> job : place.batch) {
            ran &= ran(job);
        }
        over(place, ran, clock.nanos() - place.takenAtNanos);
    }

    /**
     * @param ran whether its time says something of others
     */
    private void over(Place place, boolean ran, long spentNanos) {
        int jobs = place.jobs;
        long tookNanos = Math.max(1, spentNanos);
        place.batch = List.of();
        place.jobs = 0;
        scheduler.done(clock.nanos(), place.id, ran ? tookNanos : 0);
        observer.ended(jobs, place.predictedNanos, tookNanos, scheduler.latency(place.id));
    }

    /**
     * A worker of an asynchronous engine has returned a job. The answer may still be in the making:
     * the job then ends with the last chunk of it, and what is learnt is the time to the first.
     * Nothing here keeps the answer meanwhile, so that one that nobody reads can be dropped.
     */
    void returned(WorkerJob<I, O> job, @Nullable O output, @Nullable Throwable error) {
        if (mostInFlight == 0) {
            return;
        }
        QueueObserver.Answer answer = observer.answer(job);
        Place place = handOver(job);
        if (place == null) {
            answer.is(output, error); // refused, or its worker is gone
            return;
        }
        I input = job.getJob().getInput();
        WeakReference<@Nullable O> made = new WeakReference<>(output);
        ObservedChunks.Observer whenEnded =
                new ObservedChunks.Observer() {
                    private volatile long firstNanos;

                    @Override
                    public void first() {
                        firstNanos = clock.nanos();
                    }

                    @Override
                    public void ended() {
                        O inTheEnd = made.get(); // null where nobody has it any more
                        boolean ran = firstNanos > 0 && inTheEnd != null && ran(input, inTheEnd);
                        locked(() -> landed(place, ran, firstNanos));
                        answer.is(inTheEnd, null);
                    }
                };
        if (!(output instanceof Output begun) || !ObservedChunks.observe(begun, whenEnded)) {
            locked(() -> landed(place, ran(job), clock.nanos()));
            answer.is(output, error);
        }
    }

    private @Nullable Place handOver(WorkerJob<I, O> job) {
        lock.lock();
        try {
            Place place = inFlight.remove(job);
            if (place != null) {
                place.batch = List.of();
            }
            return place;
        } finally {
            release();
        }
    }

    private void landed(Place place, boolean ran, long atNanos) {
        if (!place.gone) {
            over(place, ran, atNanos - place.takenAtNanos);
        }
    }

    /** Whether the time of a job says something of others: it ran, and did not fail. */
    private static boolean ran(WorkerJob<?, ?> job) {
        return !job.getFuture().isCompletedExceptionally()
                && ran(job.getJob().getInput(), job.getJob().getOutput());
    }

    private static boolean ran(@Nullable Object input, @Nullable Object output) {
        boolean cancelled = input instanceof Input asked && asked.isCancelled();
        return !cancelled && !(output instanceof Output made && made.getCode() >= 400);
    }

    private void wake() {
        locked(() -> scheduler.wake(clock.nanos()));
    }

    private void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            release();
        }
    }

    /** A worker that waits for a batch has one now. */
    private void ready(WorkerId place) {
        Seat seat = seatOf.get(place);
        if (seat != null) {
            seat.ready.signal();
        }
    }

    /** What is read without the lock; written where it is another only, as that costs more. */
    private void show() {
        int nowWaiting = scheduler.waiting();
        if (waiting != nowWaiting) {
            waiting = nowWaiting;
        }
        if (staffed == seats.isEmpty()) {
            staffed = !seats.isEmpty();
        }
    }

    /** Answers outside the lock what was refused. */
    private void release() {
        List<Refused<I, O>> answers = List.of();
        if (!refused.isEmpty()) {
            answers = List.copyOf(refused);
            refused.clear();
        }
        show();
        lock.unlock();
        answers.forEach(r -> refuser.refuse(r.job, r.reason, r.retryAfterNanos));
    }

    /** Jobs that no worker has. */
    @Override
    public int size() {
        return waiting;
    }

    /** A snapshot of the jobs that no worker has taken. */
    @Override
    public Iterator<WorkerJob<I, O>> iterator() {
        lock.lock();
        try {
            return scheduler.untaken().iterator();
        } finally {
            lock.unlock();
        }
    }

    /** A job without objective or priority. */
    @Override
    public boolean offer(WorkerJob<I, O> job) {
        add(job, SloClass.BEST_EFFORT, job.getJob().getPriority(), 0);
        return true;
    }

    private record Refused<I, O>(WorkerJob<I, O> job, RefusalReason reason, long retryAfterNanos) {}

    /** One worker thread. What it holds of its batch belongs to that thread. */
    private final class Seat {
        private final Condition ready;
        private final List<Place> places = new ArrayList<>();
        private final Deque<WorkerJob<I, O>> batch = new ArrayDeque<>();
        private boolean waits = true;
        private boolean offersMore;

        Seat(Condition ready) {
            this.ready = ready;
        }
    }

    /** What the scheduler takes for a worker: one batch at a time. */
    private final class Place {
        private final WorkerId id;

        /** What runs here. */
        private List<WorkerJob<I, O>> batch = List.of();

        /** Their number, also once their answers are in the making. */
        private int jobs;

        private long takenAtNanos;
        private long predictedNanos;

        /** Its worker has left. */
        private boolean gone;

        Place(WorkerId id) {
            this.id = id;
        }

        void began(List<WorkerJob<I, O>> taken) {
            batch = taken;
            jobs = taken.size();
            takenAtNanos = clock.nanos();
            predictedNanos = scheduler.predictedNanos(id, taken.size());
            observer.began(takenAtNanos, id, taken, predictedNanos);
        }
    }
}
