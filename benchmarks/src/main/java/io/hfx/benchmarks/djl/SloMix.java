package io.hfx.benchmarks.djl;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.benchmarks.load.Latencies;
import io.hfx.benchmarks.load.Sample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The classes of the offered requests, how they are stated, and how their answers are judged. */
final class SloMix {
    /**
     * Some of the requests.
     *
     * @param name of the class, in the header {@code x-slo-class}
     * @param share of all requests
     * @param e2eMs end to end; null for none, and then no header is sent
     */
    record SloClass(String name, double share, @Nullable Integer e2eMs) {}

    static final List<SloClass> CLASSES =
            List.of(
                    new SloClass("tight", 0.3, 100),
                    new SloClass("medium", 0.4, 500),
                    new SloClass("none", 0.3, null));

    /** What a class wants for a request that cannot be met, as the classes file has it. */
    enum OnMiss {
        DEMOTE,
        REJECT
    }

    /**
     * How a class fared.
     *
     * @param offered requests
     * @param completed with status 200, whenever
     * @param completedInWindow before the last request was due
     * @param met completed within the objective, from the time when they were due; null without one
     * @param attainment met of the offered: refused, failed and unanswered requests are missed
     * @param notCompleted by reason
     * @param latency of the completed, from the time when they were due
     */
    record Score(
            long offered,
            long completed,
            long completedInWindow,
            @Nullable Long met,
            @Nullable Double attainment,
            Map<String, Long> notCompleted,
            Latencies.@Nullable Summary latency) {}

    private SloMix() {}

    static List<Double> shares() {
        return CLASSES.stream().map(SloClass::share).toList();
    }

    /** The server's file of the classes that have an objective. */
    static void writeClasses(Path file, OnMiss onMiss) throws IOException {
        ObjectNode document = Ledger.JSON.createObjectNode();
        ArrayNode classes = document.putArray("classes");
        for (SloClass each : CLASSES) {
            if (each.e2eMs != null) {
                classes.addObject()
                        .put("name", each.name)
                        .put("e2e_ms", each.e2eMs)
                        .put("on_miss", onMiss.name().toLowerCase(Locale.ROOT));
            }
        }
        Ledger.JSON.writeValue(file.toFile(), document);
    }

    /** A request of each class, in their order. */
    static List<byte[]> requests(String path, String body) {
        return CLASSES.stream()
                .map(
                        each ->
                                Requests.post(
                                        path,
                                        body,
                                        each.e2eMs == null
                                                ? Map.of()
                                                : Map.of("x-slo-class", each.name)))
                .toList();
    }

    /** Ten requests in which the classes have their shares, for a closed loop. */
    static List<byte[]> tenRequests(String path, String body) {
        List<byte[]> ofClass = requests(path, body);
        List<byte[]> ten = new ArrayList<>();
        for (int i = 0; i < CLASSES.size(); i++) {
            int count = (int) Math.round(CLASSES.get(i).share * 10);
            byte[] request = ofClass.get(i);
            IntStream.range(0, count).forEach(n -> ten.add(request));
        }
        return ten;
    }

    /** By class. */
    static Map<String, Score> scores(List<Sample> samples) {
        long windowNanos = samples.stream().mapToLong(s -> s.due().atNanos()).max().orElse(0);
        Map<String, Score> scores = new LinkedHashMap<>();
        for (int i = 0; i < CLASSES.size(); i++) {
            int kind = i;
            scores.put(
                    CLASSES.get(i).name,
                    score(
                            samples.stream().filter(s -> s.due().kind() == kind).toList(),
                            CLASSES.get(i).e2eMs,
                            windowNanos));
        }
        return scores;
    }

    private static Score score(List<Sample> samples, @Nullable Integer e2eMs, long windowNanos) {
        Latencies latencies = new Latencies();
        Map<String, Long> notCompleted = new TreeMap<>();
        long completed = 0;
        long inWindow = 0;
        long met = 0;
        for (Sample sample : samples) {
            if (!sample.isCompleted()) {
                notCompleted.merge(sample.reason(), 1L, Long::sum);
                continue;
            }
            completed++;
            latencies.add(sample.latencyNanos());
            inWindow += sample.endNanos() <= windowNanos ? 1 : 0;
            met += e2eMs != null && sample.latencyNanos() <= e2eMs * 1_000_000L ? 1 : 0;
        }
        boolean judged = e2eMs != null && !samples.isEmpty();
        return new Score(
                samples.size(),
                completed,
                inWindow,
                e2eMs == null ? null : met,
                judged ? (double) met / samples.size() : null,
                notCompleted,
                latencies.summary());
    }
}
