package io.hfx.simulator.workload;

import java.nio.file.Path;

/** One trace format: turns a line into a request. An instance reads one file. */
interface LineFormat {
    /**
     * One request; a failed one has no prompt or output tokens.
     *
     * @param atNanos on the trace's own clock
     * @param prefix what the prompt begins with
     */
    record Row(long atNanos, int promptTokens, int outputTokens, PromptPrefix prefix) {
        /** Of a trace that says nothing of its prompts but their length. */
        Row(long atNanos, int promptTokens, int outputTokens) {
            this(atNanos, promptTokens, outputTokens, PromptPrefix.NONE);
        }
    }

    /** Whether the first line is a request already, not a header. */
    boolean firstLineIsData();

    /**
     * Parses a line.
     *
     * @param where file and line number, for messages
     */
    Row parse(String line, String where);

    /** The format of a file that starts with this line. */
    static LineFormat of(String firstLine, Path file, long seed) {
        String start = firstLine.startsWith("\uFEFF") ? firstLine.substring(1) : firstLine;
        if (start.startsWith("{")) {
            return new MooncakeFormat(seed);
        }
        CsvColumns columns = CsvColumns.of(start);
        if (columns.has(AzureFormat.TIME)) {
            return new AzureFormat(columns, file + ", line 1: ");
        }
        if (columns.has(BurstGptFormat.TIME)) {
            return new BurstGptFormat(columns, file + ", line 1: ");
        }
        throw new WorkloadException(
                file
                        + ", line 1: expected an Azure header (TIMESTAMP,ContextTokens,"
                        + "GeneratedTokens), a BurstGPT header (Timestamp,Model,Request tokens,"
                        + "Response tokens,...) or a Mooncake JSON object");
    }
}
