package io.hfx.simulator.workload;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.SplittableRandom;

/**
 * One JSON object per line with {@code timestamp} (milliseconds), {@code input_length} and {@code
 * output_length}. The published traces stamp all requests of 3 s with one tick; each is spread
 * uniformly over the 3 s that follow. Prefix hashes are not read yet.
 */
final class MooncakeFormat implements LineFormat {
    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final long TICK_NANOS = 3_000_000_000L;
    private static final long MAX_MILLIS = 1_000_000_000_000L;

    private final SplittableRandom random;

    MooncakeFormat(long seed) {
        random = new SplittableRandom(seed);
    }

    @Override
    public boolean firstLineIsData() {
        return true;
    }

    @Override
    public Row parse(String line, String where) {
        JsonNode row;
        try {
            row = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new WorkloadException(where + "not a JSON object: " + e.getOriginalMessage());
        }
        long millis = whole(row, "timestamp", MAX_MILLIS, where);
        return new Row(
                millis * 1_000_000 + random.nextLong(TICK_NANOS),
                (int) whole(row, "input_length", Integer.MAX_VALUE, where),
                (int) whole(row, "output_length", Integer.MAX_VALUE, where));
    }

    private static long whole(JsonNode row, String field, long max, String where) {
        JsonNode value = row.path(field);
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < 0
                || value.longValue() > max) {
            throw new WorkloadException(
                    where
                            + field
                            + " must be a whole number from 0 to "
                            + max
                            + ", was "
                            + (value.isMissingNode() ? "absent" : value.toString()));
        }
        return value.longValue();
    }
}
