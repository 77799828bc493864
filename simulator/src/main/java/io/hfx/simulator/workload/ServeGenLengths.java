package io.hfx.simulator.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Length histograms of one client, by the start of their windows in seconds. */
final class ServeGenLengths {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final NavigableMap<Double, Pair> windows;

    private ServeGenLengths(NavigableMap<Double, Pair> windows) {
        this.windows = windows;
    }

    /** Prompt and output of one window. */
    private record Pair(Histogram prompt, Histogram output) {}

    /** Values, ascending, and the sum of their shares up to each. */
    private record Histogram(int[] tokens, double[] upTo) {
        int draw(SplittableRandom random) {
            double share = random.nextDouble() * upTo[upTo.length - 1];
            int i = Arrays.binarySearch(upTo, share);
            int at = i >= 0 ? i + 1 : -i - 1;
            return Math.max(1, tokens[Math.min(at, tokens.length - 1)]);
        }
    }

    /** Null where a client had no traffic at all. */
    static @Nullable ServeGenLengths read(Path file) {
        NavigableMap<Double, Pair> windows = new TreeMap<>();
        JsonNode root;
        try {
            root = JSON.readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new WorkloadException(file + ": cannot be read: " + e);
        }
        for (Map.Entry<String, JsonNode> entry : root.properties()) {
            String where = file + ", window " + entry.getKey() + ": ";
            double start = Numbers.notNegative(where + "start", entry.getKey());
            Histogram prompt = histogram(entry.getValue(), "input_tokens", where);
            Histogram output = histogram(entry.getValue(), "output_tokens", where);
            if (prompt != null && output != null) {
                windows.put(start, new Pair(prompt, output));
            }
        }
        return windows.isEmpty() ? null : new ServeGenLengths(windows);
    }

    /** Draws from the window of that moment, or the nearest that has any. */
    Arrival draw(long atNanos, double seconds, String sloClass, SplittableRandom random) {
        Map.Entry<Double, Pair> window = windows.floorEntry(seconds);
        Pair pair = window == null ? windows.firstEntry().getValue() : window.getValue();
        return new Arrival(
                atNanos, sloClass, pair.prompt().draw(random), pair.output().draw(random));
    }

    private static @Nullable Histogram histogram(JsonNode window, String field, String where) {
        String text = window.path(field).asText("").strip();
        if (!text.startsWith("{") || !text.endsWith("}")) {
            throw new WorkloadException(where + field + " must read {tokens: share, ...}");
        }
        TreeMap<Integer, Double> shares = new TreeMap<>();
        String inside = text.substring(1, text.length() - 1).strip();
        for (String part : inside.isEmpty() ? new String[0] : inside.split(",", -1)) {
            String[] sides = part.split(":", -1);
            if (sides.length != 2) {
                throw new WorkloadException(where + field + " must read {tokens: share, ...}");
            }
            shares.merge(
                    Numbers.tokens(where + field, sides[0]),
                    Numbers.notNegative(where + field, sides[1]),
                    Double::sum);
        }
        double sum = 0;
        int[] tokens = new int[shares.size()];
        double[] upTo = new double[shares.size()];
        int i = 0;
        for (Map.Entry<Integer, Double> entry : shares.entrySet()) {
            sum += entry.getValue();
            tokens[i] = entry.getKey();
            upTo[i++] = sum;
        }
        return sum > 0 ? new Histogram(tokens, upTo) : null;
    }
}
