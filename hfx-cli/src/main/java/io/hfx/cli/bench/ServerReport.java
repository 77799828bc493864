package io.hfx.cli.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the server's own metrics said during a run.
 *
 * @param everySeconds between two samples
 * @param missedSamples that could not be had
 * @param seconds when each sample was taken, from the start of the run
 * @param samples of each figure, in that order; null where the server does not tell it
 * @param trends of the figures over the time in which requests were due
 * @param afterwards the figures once no request was in flight any more, or at the end of the wait
 *     for that
 * @param outcomes requests that the server counted during the run, by outcome; {@code turned-away}
 *     were refused before their class was known
 */
public record ServerReport(
        double everySeconds,
        int missedSamples,
        List<Double> seconds,
        Map<String, List<Double>> samples,
        Map<String, Trend> trends,
        Map<String, Double> afterwards,
        Map<String, Long> outcomes) {
    private static final double MIB = 1 << 20;

    /** All requests that the server counted. */
    @JsonProperty
    public long counted() {
        return outcomes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** A table for a terminal. */
    String text() {
        Table table =
                new Table()
                        .row(
                                "server",
                                "first quarter",
                                "last quarter",
                                "growth",
                                "per hour",
                                "most",
                                "afterwards");
        Map<String, String[]> rows = new LinkedHashMap<>();
        trends.forEach((name, trend) -> rows.put(name, row(name, trend)));
        rows.values().forEach(table::row);
        return table
                + String.format(
                        Locale.ROOT, "the server counted %d requests: %s%n", counted(), outcomes);
    }

    private String[] row(String name, Trend trend) {
        double unit = name.endsWith("_bytes") ? MIB : 1;
        return new String[] {
            unit == MIB ? name.replace("_bytes", "_mib") : name,
            number(trend.firstQuarter() / unit),
            number(trend.lastQuarter() / unit),
            Table.percent(trend.growth()),
            number(trend.perHour() / unit),
            number(trend.most() / unit),
            number(afterwards.getOrDefault(name, Double.NaN) / unit)
        };
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.1f", value);
    }
}
