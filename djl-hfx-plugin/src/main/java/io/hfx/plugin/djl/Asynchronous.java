package io.hfx.plugin.djl;

import ai.djl.serving.wlm.ModelInfo;
import ai.djl.serving.wlm.WorkerPoolConfig;
import java.util.Properties;
import java.util.Set;

/**
 * Which models' workers take the next request before the last is answered: those of DJL's Python
 * engine with {@code option.rolling_batch} or {@code option.async_mode}.
 */
final class Asynchronous {
    private static final Set<String> ENGINES = Set.of("Python", "MPI");

    /** As the engine itself takes it to be. */
    private static final int DEFAULT_IN_FLIGHT = 32;

    private Asynchronous() {}

    /**
     * Requests that each worker of a model may have at once, {@code option.max_rolling_batch_size};
     * 0 where it answers one batch before it takes the next.
     */
    static int mostInFlight(WorkerPoolConfig<?, ?> model) {
        if (!(model instanceof ModelInfo<?, ?> info) || !ENGINES.contains(info.getEngineName())) {
            return 0;
        }
        Properties properties = info.getProperties();
        String rolling = properties.getProperty("option.rolling_batch", "disable");
        boolean async = Boolean.parseBoolean(properties.getProperty("option.async_mode"));
        if (rolling.equals("disable") && !async) {
            return 0;
        }
        try {
            String most = properties.getProperty("option.max_rolling_batch_size", "");
            return most.isBlank() ? DEFAULT_IN_FLIGHT : Math.max(1, Integer.parseInt(most.trim()));
        } catch (NumberFormatException e) {
            return DEFAULT_IN_FLIGHT;
        }
    }
}
