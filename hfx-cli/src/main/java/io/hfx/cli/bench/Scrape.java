package io.hfx.cli.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * One answer of a Prometheus endpoint in text format.
 *
 * @param series every line with a value
 */
record Scrape(List<Series> series) {
    /** One value; the labels as they were written. */
    record Series(String name, String labels, double value) {}

    static Scrape parse(String text) {
        List<Series> series = new ArrayList<>();
        for (String line : text.lines().toList()) {
            int space = line.lastIndexOf(' ');
            if (line.startsWith("#") || space < 0) {
                continue;
            }
            int brace = line.indexOf('{');
            int nameEnd = brace < 0 ? space : brace;
            series.add(
                    new Series(
                            line.substring(0, nameEnd),
                            line.substring(nameEnd, space),
                            number(line.substring(space + 1))));
        }
        return new Scrape(series);
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    /** Sum over the series of that name whose labels hold the text; NaN where there is none. */
    double sum(String name, String label) {
        List<Series> these =
                series.stream()
                        .filter(s -> s.name().equals(name) && s.labels().contains(label))
                        .toList();
        return these.isEmpty() ? Double.NaN : these.stream().mapToDouble(Series::value).sum();
    }
}
