package io.hfx.simulator.workload;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** {@code TIMESTAMP,ContextTokens,GeneratedTokens}; the time is a date and time in UTC. */
final class AzureFormat implements LineFormat {
    static final String TIME = "TIMESTAMP";

    private static final String PROMPT = "ContextTokens";
    private static final String OUTPUT = "GeneratedTokens";
    private static final DateTimeFormatter DATE_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss[.SSSSSSSSS][.SSSSSSS][.SSSSSS][XXX]");

    private final CsvColumns columns;
    private final int time;
    private final int prompt;
    private final int output;

    AzureFormat(CsvColumns columns, String where) {
        this.columns = columns;
        time = columns.index(TIME, where);
        prompt = columns.index(PROMPT, where);
        output = columns.index(OUTPUT, where);
    }

    @Override
    public boolean firstLineIsData() {
        return false;
    }

    @Override
    public Row parse(String line, String where) {
        String[] values = columns.split(line, where);
        return new Row(
                nanos(values[time], where),
                Numbers.tokens(where + PROMPT, values[prompt]),
                Numbers.tokens(where + OUTPUT, values[output]));
    }

    private static long nanos(String text, String where) {
        try {
            Instant at = LocalDateTime.parse(text.strip(), DATE_TIME).toInstant(ZoneOffset.UTC);
            return Math.addExact(
                    Math.multiplyExact(at.getEpochSecond(), 1_000_000_000L), at.getNano());
        } catch (DateTimeException | ArithmeticException e) {
            throw new WorkloadException(
                    where + TIME + " must be like 2023-11-16 18:17:03.9799600, was '" + text + "'");
        }
    }
}
