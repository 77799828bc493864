package io.hfx.simulator.fidelity;

import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.SequenceTimeline;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.simulator.fleet.SimOutcome;
import io.hfx.simulator.fleet.SimRequest;
import io.hfx.simulator.profile.ProfileException;
import io.hfx.simulator.profile.StepRecord;
import io.hfx.simulator.scenario.Score;
import io.hfx.simulator.score.Scoreboard;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * One load that a live server was given, and what came back; times from the start of the run.
 *
 * @param policy that scheduled
 * @param load offered, as a share of the capacity
 * @param perSecond requests offered
 * @param seconds in which they arrived
 * @param steps name of the file with the steps of the server, also those of other runs
 * @param startEpochNanos start of the run in nanoseconds since 1970
 * @param clientMicrosPerToken CPU time of the client
 * @param serverMillis means of {@code ttft}, {@code tpot} and {@code e2e} as the server's own
 *     metrics have them, from when it had read a request to when it had written a token
 * @param requests in the order of their arrival
 */
public record LiveRun(
        String policy,
        double load,
        double perSecond,
        double seconds,
        String steps,
        long startEpochNanos,
        double clientMicrosPerToken,
        Map<String, Double> serverMillis,
        List<Request> requests) {

    /**
     * A request as its client saw it.
     *
     * @param atNanos when it was due
     * @param tokenMicros when each token came, in microseconds from the start of the run; empty
     *     unless it completed
     */
    public record Request(
            long atNanos,
            String sloClass,
            int promptTokens,
            int outputTokens,
            List<Long> tokenMicros) {
        public Request {
            tokenMicros = List.copyOf(tokenMicros);
        }

        private List<SequenceTimeline> timelines() {
            if (tokenMicros.isEmpty()) {
                return List.of();
            }
            long[] nanos =
                    tokenMicros.stream().mapToLong(micros -> 1_000 * micros - atNanos).toArray();
            return List.of(new SequenceTimeline(nanos));
        }
    }

    public LiveRun {
        serverMillis = Map.copyOf(serverMillis);
        requests = List.copyOf(requests);
    }

    /**
     * The requests as the scheduler saw them: each allowed exactly the tokens that it made, and
     * nothing predicted.
     *
     * @throws ProfileException if one is of a class that is not among these
     */
    List<SimRequest> simulated(Map<String, SloClass> classes) {
        List<SimRequest> simulated = new ArrayList<>();
        for (Request request : requests) {
            SloClass sloClass = classes.get(request.sloClass());
            if (sloClass == null) {
                throw new ProfileException(
                        "a request is of class " + request.sloClass() + ", not one of " + classes);
            }
            RequestSpec spec =
                    new RequestSpec(
                            simulated.size(),
                            sloClass,
                            RequestSpec.DEFAULT_PRIORITY,
                            List.of(request.promptTokens()),
                            1,
                            request.outputTokens());
            simulated.add(new SimRequest(request.atNanos(), spec, request.outputTokens()));
        }
        return simulated;
    }

    /** How its requests fared, as their clients saw it. */
    Score score(Map<String, SloClass> classes) {
        List<SimRequest> these = simulated(classes);
        Scoreboard board = new Scoreboard(0);
        for (int i = 0; i < these.size(); i++) {
            board.accept(new SimOutcome(these.get(i), requests.get(i).timelines(), null, false));
        }
        return Score.of(board.overall());
    }

    /** Those of the steps that this run had, and not the ones before or after it. */
    List<StepRecord> steps(List<StepRecord> all) {
        long endEpochNanos = startEpochNanos + 1_000 * lastMicros();
        return all.stream()
                .filter(s -> s.startEpochNanos() >= startEpochNanos)
                .filter(s -> s.startEpochNanos() <= endEpochNanos)
                .toList();
    }

    private long lastMicros() {
        return requests.stream()
                .flatMap(r -> r.tokenMicros().stream())
                .mapToLong(Long::longValue)
                .max()
                .orElse(1);
    }

    /** Output tokens per second, over the time until the last one. */
    double tokensPerSecond() {
        long tokens = requests.stream().mapToLong(r -> r.tokenMicros().size()).sum();
        return tokens / (lastMicros() / 1e6);
    }

    static long[] shifted(SequenceTimeline timeline, long byNanos) {
        return Arrays.stream(timeline.tokenNanos()).map(at -> at + byNanos).toArray();
    }
}
