package io.hfx.simulator.workload;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One JSON object per line with {@code timestamp} (milliseconds), {@code input_length} and {@code
 * output_length}, and maybe {@code hash_ids}: an id for each 512 tokens of the prompt and all
 * before them. The published traces stamp all requests of 3 s with one tick; each is spread
 * uniformly over the 3 s that follow.
 */
final class MooncakeFormat implements LineFormat {
    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final long TICK_NANOS = 3_000_000_000L;
    private static final int HASHED_TOKENS = 512;
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
                (int) whole(row, "output_length", Integer.MAX_VALUE, where),
                prefix(row.path("hash_ids"), where));
    }

    private static PromptPrefix prefix(JsonNode ids, String where) {
        if (ids.isMissingNode()) {
            return PromptPrefix.NONE;
        }
        List<Long> runs = new ArrayList<>();
        for (JsonNode id : ids) {
            runs.add(id.isIntegralNumber() && id.canConvertToLong() ? id.longValue() : -1);
        }
        if (!ids.isArray() || runs.stream().anyMatch(run -> run < 0)) {
            throw new WorkloadException(
                    where + "hash_ids must be an array of whole numbers of at least 0");
        }
        return new PromptPrefix(runs, HASHED_TOKENS);
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
