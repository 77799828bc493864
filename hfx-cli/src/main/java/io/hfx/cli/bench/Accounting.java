package io.hfx.cli.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where every request went; see {@link Outcome}.
 *
 * @param due by the workload
 * @param neverSent of the unfinished: still waiting here when the run ended
 */
public record Accounting(
        int due,
        long completed,
        long refused,
        long failed,
        long aborted,
        long cut,
        long unfinished,
        long neverSent) {
    static Accounting of(List<RequestRecord> records) {
        return new Accounting(
                records.size(),
                count(records, Outcome.COMPLETED),
                count(records, Outcome.REFUSED),
                count(records, Outcome.FAILED),
                count(records, Outcome.ABORTED),
                count(records, Outcome.CUT),
                count(records, Outcome.UNFINISHED),
                records.stream()
                        .filter(r -> r.outcome() == Outcome.UNFINISHED && r.sentNanos() < 0)
                        .count());
    }

    /** By kind of client, and {@code all}. */
    static Map<String, Accounting> byClient(List<RequestRecord> records) {
        Map<String, Accounting> byClient = new LinkedHashMap<>();
        for (Manner.Kind kind : Manner.Kind.values()) {
            List<RequestRecord> these = new ArrayList<>(records);
            these.removeIf(r -> r.planned().manner().kind() != kind);
            if (!these.isEmpty()) {
                byClient.put(kind.name().toLowerCase(Locale.ROOT), of(these));
            }
        }
        byClient.put("all", of(records));
        return byClient;
    }

    private static long count(List<RequestRecord> records, Outcome outcome) {
        return records.stream().filter(r -> r.outcome() == outcome).count();
    }

    /** Due requests that ended in none of these ways; anything but 0 is a fault of the client. */
    @JsonProperty
    public long lost() {
        return due - completed - refused - failed - aborted - cut - unfinished;
    }
}
