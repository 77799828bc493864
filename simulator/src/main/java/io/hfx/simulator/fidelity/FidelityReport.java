package io.hfx.simulator.fidelity;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;

/**
 * How far the simulator is from one live server, as its JSON file has it.
 *
 * @param commit of the program that simulated
 * @param fleet the live server
 * @param comparisons of each recorded run
 */
public record FidelityReport(String commit, LiveFleet fleet, List<Comparison> comparisons) {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    public FidelityReport {
        comparisons = List.copyOf(comparisons);
    }

    /** As JSON, with line breaks. */
    public String json() {
        try {
            return JSON.writeValueAsString(this) + "\n";
        } catch (JacksonException e) {
            throw new IllegalStateException(e);
        }
    }
}
