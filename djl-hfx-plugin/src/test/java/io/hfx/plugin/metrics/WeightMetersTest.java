package io.hfx.plugin.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.weights.WeightStatus;
import io.hfx.plugin.weights.WeightStatus.Phase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/metrics.md lists what is shown of weights. */
class WeightMetersTest {
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\S+) (\\S+)$");
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `([a-z0-9_:]+)` \\| (counter|gauge) \\|");

    private static Map<String, String> named(Pattern pattern, String text) {
        Map<String, String> found = new TreeMap<>();
        pattern.matcher(text).results().forEach(m -> found.put(m.group(1), m.group(2)));
        return found;
    }

    private static String scrape(WeightStatus status) {
        try (Meters meters = new Meters();
                ServerMetrics metrics = new ServerMetrics(meters, "m", () -> 0)) {
            Map<String, String> before = named(TYPE, Objects.requireNonNull(meters.scrape()));
            WeightMeters.show(metrics, status);
            String all = Objects.requireNonNull(meters.scrape());
            StringBuilder added = new StringBuilder();
            for (String line : all.lines().toList()) {
                String name = line.replaceFirst("^# (TYPE|HELP) ", "").split("[ {]", 2)[0];
                if (!before.containsKey(name)) {
                    added.append(line).append('\n');
                }
            }
            return added.toString();
        }
    }

    @Test
    void theDocumentListsThem() throws Exception {
        Path doc = Path.of("").toAbsolutePath().getParent().resolve("docs/metrics.md");
        String text = Files.readString(doc);
        int from = text.indexOf("\n## Weights\n");
        int to = text.indexOf("\n## ", from + 1);
        Map<String, String> scraped = named(TYPE, scrape(new WeightStatus()));
        assertTrue(scraped.size() > 5, scraped.toString());
        assertEquals(scraped, named(ROW, text.substring(from, to < 0 ? text.length() : to)));
    }

    @Test
    void aPhaseInsideAnotherCountsForItself() {
        WeightStatus status = new WeightStatus();
        status.add(Phase.PROCESS, 1_500_000_000L);
        String text = scrape(status);
        assertTrue(
                text.contains("hfx_start_phase_seconds{model_name=\"m\",phase=\"process\"} 1.5\n"),
                text);
        long startNanos = System.nanoTime();
        int number =
                status.time(
                        Phase.WEIGHTS, () -> status.time(Phase.ALLOCATE, () -> spin(2_000_000)));
        long allNanos = System.nanoTime() - startNanos;
        assertEquals(1, number);
        Map<Phase, Long> nanos = status.view().phaseNanos();
        assertTrue(nanos.get(Phase.ALLOCATE) >= 2_000_000, nanos.toString());
        assertTrue(
                nanos.get(Phase.WEIGHTS) + nanos.get(Phase.ALLOCATE) <= allNanos,
                nanos + " of " + allNanos);
    }

    private static int spin(long nanos) {
        long untilNanos = System.nanoTime() + nanos;
        while (System.nanoTime() < untilNanos) {
            Thread.onSpinWait();
        }
        return 1;
    }
}
