package io.hfx.cli.clone;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.cli.bench.Table;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How the starts compare.
 *
 * @param model that was served
 * @param runs by path, in the order in which they are shown; equally many of each
 */
public record CloneReport(String model, Map<String, List<CloneStart>> runs) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Medians as a table, in milliseconds. */
    public String table() {
        Table table =
                new Table()
                        .row(
                                "path",
                                "process",
                                "link",
                                "allocate",
                                "weights",
                                "self-test",
                                "warm-up",
                                "ready",
                                "first good token",
                                "GB/s");
        runs.forEach(
                (path, starts) -> {
                    CloneStart s = CloneStart.median(starts);
                    table.row(
                            path,
                            ms(s.processMs()),
                            ms(s.linkMs()),
                            ms(s.allocateMs()),
                            ms(s.weightsMs()),
                            ms(s.selfTestMs()),
                            ms(s.warmupMs()),
                            ms(s.readyMs()),
                            ms(s.firstGoodTokenMs()),
                            String.format(Locale.ROOT, "%.2f", s.gbPerSecond()));
                });
        return table.toString();
    }

    private static String ms(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.1f ms" : "%.0f ms", value);
    }

    /** The same as JSON, with the number of runs. */
    public String json() {
        ObjectNode root =
                JSON.createObjectNode()
                        .put("model", model)
                        .put("pageCache", "warm, but for disk-cold");
        root.put("processors", Runtime.getRuntime().availableProcessors());
        ObjectNode paths = root.putObject("paths");
        runs.forEach(
                (path, starts) -> {
                    CloneStart s = CloneStart.median(starts);
                    paths.putObject(path)
                            .put("runs", starts.size())
                            .put("bytes", s.bytes())
                            .put("processMs", s.processMs())
                            .put("linkMs", s.linkMs())
                            .put("allocateMs", s.allocateMs())
                            .put("weightsMs", s.weightsMs())
                            .put("selfTestMs", s.selfTestMs())
                            .put("warmupMs", s.warmupMs())
                            .put("readyMs", s.readyMs())
                            .put("firstGoodTokenMs", s.firstGoodTokenMs())
                            .put("gbPerSecond", s.gbPerSecond());
                });
        return root.toPrettyString() + "\n";
    }
}
