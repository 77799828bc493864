package io.hfx.plugin.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.scheduler.latency.FitError;

/** The error of a worker's latency model on status pages. */
public final class FitErrorJson {
    private FitErrorJson() {}

    /** Adds it to a worker's line; nothing before the first step. */
    public static void put(ObjectNode node, FitError error) {
        if (error.steps() > 0) {
            node.put("model_mape", round(error.mape())).put("model_bias", round(error.bias()));
        }
    }

    private static double round(double share) {
        return Math.round(share * 1e4) / 1e4;
    }
}
