package io.hfx.simulator.workload;

/**
 * {@code Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type}; the time is in
 * seconds. A request that failed has 0 response tokens.
 */
final class BurstGptFormat implements LineFormat {
    static final String TIME = "Timestamp";

    private static final String PROMPT = "Request tokens";
    private static final String OUTPUT = "Response tokens";
    private static final double MAX_SECONDS = 1e9;

    private final CsvColumns columns;
    private final int time;
    private final int prompt;
    private final int output;

    BurstGptFormat(CsvColumns columns, String where) {
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
        double seconds = Numbers.notNegative(where + TIME, values[time]);
        if (seconds > MAX_SECONDS) {
            throw new WorkloadException(where + TIME + " must be at most 1e9 seconds");
        }
        return new Row(
                Math.round(seconds * 1e9),
                Numbers.tokens(where + PROMPT, values[prompt]),
                Numbers.tokens(where + OUTPUT, values[output]));
    }
}
