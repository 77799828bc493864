package io.hfx.simulator.scenario;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.slo.Slo;
import io.hfx.simulator.fleet.SimRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.PriorityQueue;

/**
 * The most requests whose objectives can be met by one who knows all that will come. Ours. It asks
 * less than any scheduler has to do, so that its answer is an upper bound: the fleet is one machine
 * as fast as all workers, work can be cut anywhere, steps have no fixed cost, and a request is two
 * jobs, its prompt until its TTFT and its decodes until its last token may be late. Preemptive
 * earliest deadline first decides whether a set of requests fits; all sets are searched, branch and
 * bound, so that it serves small cases only.
 */
final class Clairvoyant {
    /** Most scored requests: beyond, there is no answer. */
    static final int MOST_REQUESTS = 20;

    private final LatencyModel model;
    private final int workers;

    Clairvoyant(LatencyModel model, int workers) {
        this.model = model;
        this.workers = workers;
    }

    /** Work with its window; times in nanoseconds of the machine. */
    private record Job(double releaseNanos, double dueNanos, double workNanos) {}

    /**
     * Share of the requests that can be met; empty where there are too many.
     *
     * @param warmUpNanos requests that arrive earlier are left out, which only helps
     */
    OptionalDouble attainment(Iterator<SimRequest> requests, long warmUpNanos) {
        List<List<Job>> all = new ArrayList<>();
        while (requests.hasNext()) {
            SimRequest request = requests.next();
            boolean scored = request.arrivalNanos() >= warmUpNanos;
            if (scored && !request.spec().sloClass().slo().isBestEffort()) {
                all.add(jobs(request));
            }
            if (all.size() > MOST_REQUESTS) {
                return OptionalDouble.empty();
            }
        }
        if (all.isEmpty()) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of((double) most(all, 0, List.of(), 0, 0) / all.size());
    }

    /** Most of the requests from {@code next} on beside those taken, if more than {@code found}. */
    private int most(List<List<Job>> all, int next, List<Job> taken, int count, int found) {
        int best = Math.max(count, found);
        if (next == all.size() || count + all.size() - next <= best) {
            return best;
        }
        List<Job> with = new ArrayList<>(taken);
        with.addAll(all.get(next));
        if (fits(with)) {
            best = most(all, next + 1, with, count + 1, best);
        }
        return most(all, next + 1, taken, count, best);
    }

    private List<Job> jobs(SimRequest request) {
        Slo slo = request.spec().sloClass().slo();
        double at = request.arrivalNanos();
        double prompt = request.spec().promptTokens(0);
        double prefill = prompt * model.tokenNanos() + 0.5 * prompt * prompt * model.pairNanos();
        double decode = ReferenceCapacity.marginalNanos(model, request) - prefill;
        double tokens = request.outputTokens() - 1.0;
        double end = slo.hasE2e() ? at + slo.e2eNanos() : Double.POSITIVE_INFINITY;
        double first = slo.hasTtft() ? Math.min(end, at + slo.ttftNanos()) : end;
        double last = slo.hasTpot() ? Math.min(end, first + tokens * slo.tpotNanos()) : end;
        return List.of(new Job(at, first, prefill / workers), new Job(at, last, decode / workers));
    }

    /** Whether preemptive earliest deadline first meets all: it does if anything can. */
    private static boolean fits(List<Job> jobs) {
        List<Job> byRelease = new ArrayList<>(jobs);
        byRelease.sort(Comparator.comparingDouble(Job::releaseNanos));
        PriorityQueue<double[]> open = new PriorityQueue<>(Comparator.comparingDouble(j -> j[0]));
        double now = 0;
        int next = 0;
        while (next < byRelease.size() || !open.isEmpty()) {
            if (open.isEmpty()) {
                now = Math.max(now, byRelease.get(next).releaseNanos());
            }
            while (next < byRelease.size() && byRelease.get(next).releaseNanos() <= now) {
                Job job = byRelease.get(next++);
                open.add(new double[] {job.dueNanos(), job.workNanos()});
            }
            double until =
                    next < byRelease.size()
                            ? byRelease.get(next).releaseNanos()
                            : Double.POSITIVE_INFINITY;
            double[] job = open.element();
            double done = Math.min(job[1], until - now);
            now += done;
            job[1] -= done;
            if (now > job[0]) {
                return false;
            }
            if (job[1] <= 0) {
                open.remove();
            }
        }
        return true;
    }
}
