package io.hfx.cli.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.hfx.scheduler.slo.ScoringMode;
import io.hfx.scheduler.slo.SequenceTimeline;
import io.hfx.scheduler.slo.SloScore;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Sums up requests. Latencies count from the scheduled arrival; those of the completed only, all
 * others count as missed. Attainment and goodput are null where no request states an objective.
 *
 * @param attainment met / arrived, judged by mean TPOT (the primary mode)
 * @param attainmentByMode the same in each {@link ScoringMode}
 * @param attainmentFromSend as {@code attainment}, with times counted from the sending
 * @param goodputPerSecond met requests per second of the window
 * @param goodTokensPerSecond output tokens of met requests per second of the window
 * @param reasons of refusals, failures and unfinished requests, with their number
 * @param shortOutputs completed with fewer tokens than asked for
 * @param inferredTimes completed whose token times are partly inferred (see {@link TokenClock})
 * @param ttftFromSendMs as {@code ttftMs}, counted from the sending
 * @param sendLagMs from the scheduled arrival to the sending
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record Summary(
        int requests,
        long completed,
        long refused,
        long failed,
        long unfinished,
        @Nullable Double attainment,
        @Nullable Map<String, Double> attainmentByMode,
        @Nullable Double attainmentFromSend,
        @Nullable Double goodputPerSecond,
        @Nullable Double goodTokensPerSecond,
        double completedPerSecond,
        double outputTokensPerSecond,
        Map<String, Integer> reasons,
        long shortOutputs,
        long inferredTimes,
        @Nullable Percentiles ttftMs,
        @Nullable Percentiles tpotMs,
        @Nullable Percentiles itlMs,
        @Nullable Percentiles e2eMs,
        @Nullable Percentiles ttftFromSendMs,
        @Nullable Percentiles e2eFromSendMs,
        @Nullable Percentiles sendLagMs) {

    /**
     * Of the given requests.
     *
     * @param measuredNanos in which they were due: for goodput
     * @param elapsedNanos until the last of them ended: for throughput
     */
    static Summary of(List<RequestRecord> records, long measuredNanos, long elapsedNanos) {
        List<RequestRecord> done = records.stream().filter(RequestRecord::completed).toList();
        List<SequenceTimeline> lines = done.stream().map(RequestRecord::fromArrival).toList();
        List<SequenceTimeline> sent = done.stream().map(RequestRecord::fromSend).toList();
        boolean judged =
                records.stream().anyMatch(r -> !r.planned().sloClass().slo().isBestEffort());
        List<RequestRecord> met =
                done.stream().filter(r -> r.score().met(ScoringMode.MEAN)).toList();
        double seconds = measuredNanos / 1e9;
        double elapsedSeconds = elapsedNanos / 1e9;
        return new Summary(
                records.size(),
                done.size(),
                count(records, Outcome.REFUSED),
                count(records, Outcome.FAILED),
                count(records, Outcome.UNFINISHED),
                judged ? met.size() / (double) records.size() : null,
                judged ? byMode(records) : null,
                judged ? share(records, Summary::metFromSend) : null,
                judged ? met.size() / seconds : null,
                judged ? tokens(met) / seconds : null,
                done.size() / elapsedSeconds,
                tokens(records) / elapsedSeconds,
                reasons(records),
                done.stream().filter(Summary::isShort).count(),
                done.stream().filter(RequestRecord::inferredTimes).count(),
                percentiles(lines, SequenceTimeline::ttftNanos),
                percentiles(
                        lines.stream().filter(l -> l.tokens() > 1).toList(),
                        SequenceTimeline::tpotNanos),
                Percentiles.ofNanos(
                        lines.stream()
                                .flatMapToDouble(l -> Arrays.stream(l.itlNanos()).asDoubleStream())
                                .toArray()),
                percentiles(lines, SequenceTimeline::e2eNanos),
                percentiles(sent, SequenceTimeline::ttftNanos),
                percentiles(sent, SequenceTimeline::e2eNanos),
                Percentiles.ofNanos(sendLags(records)));
    }

    private static Map<String, Double> byMode(List<RequestRecord> records) {
        Map<String, Double> byMode = new TreeMap<>();
        for (ScoringMode mode : ScoringMode.values()) {
            byMode.put(
                    mode.name().toLowerCase(Locale.ROOT), share(records, r -> r.score().met(mode)));
        }
        return byMode;
    }

    private static boolean metFromSend(RequestRecord record) {
        return record.completed()
                && SloScore.of(record.planned().sloClass().slo(), record.fromSend())
                        .met(ScoringMode.MEAN);
    }

    private static boolean isShort(RequestRecord record) {
        return record.tokenNanos().length < record.planned().arrival().outputTokens();
    }

    private static double share(List<RequestRecord> records, Predicate<RequestRecord> met) {
        return records.stream().filter(met).count() / (double) records.size();
    }

    private static long count(List<RequestRecord> records, Outcome outcome) {
        return records.stream().filter(r -> r.outcome() == outcome).count();
    }

    private static double tokens(List<RequestRecord> records) {
        return records.stream().mapToDouble(r -> r.tokenNanos().length).sum();
    }

    private static Map<String, Integer> reasons(List<RequestRecord> records) {
        Map<String, Integer> reasons = new TreeMap<>();
        for (RequestRecord record : records) {
            if (!record.completed()) {
                reasons.merge(record.reason(), 1, Integer::sum);
            }
        }
        return reasons;
    }

    private static double[] sendLags(List<RequestRecord> records) {
        return records.stream()
                .filter(r -> r.sentNanos() >= 0)
                .mapToDouble(r -> r.sentNanos() - r.planned().arrival().atNanos())
                .toArray();
    }

    private static @Nullable Percentiles percentiles(
            List<SequenceTimeline> lines, ToDoubleFunction<SequenceTimeline> of) {
        return Percentiles.ofNanos(lines.stream().mapToDouble(of).toArray());
    }
}
