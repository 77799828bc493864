package io.hfx.plugin.config;

import static io.hfx.plugin.config.ConfigKey.Scope.HFX_MODEL;
import static io.hfx.plugin.config.ConfigKey.Scope.WHOLE_MODEL;

import java.util.List;
import java.util.Set;

/**
 * The schema of a model in DJL Serving, in the order of the documentation: {@code hfx.*} keys of
 * its {@code serving.properties}, and the {@code option.*} keys of models with {@code engine=HFX}.
 */
public final class ModelKeys {
    /** Name of the engine of token-level models. */
    public static final String ENGINE = "HFX";

    /** Begins the name of an engine's option. */
    static final String OPTION = "option.";

    /** All keys. */
    public static final List<ConfigKey> ALL =
            List.of(
                    ConfigKey.name(
                                    "hfx.slo_class",
                                    "",
                                    "Class of a request that states nothing; the default of"
                                            + " hfx_slo_classes if left out")
                            .onlyIn(WHOLE_MODEL)
                            .alsoIn(HFX_MODEL),
                    waiting("hfx.max_waiting", "Requests that wait for a worker; 429 beyond"),
                    waiting(
                            "hfx.max_waiting_best_effort",
                            "Demoted and SLO-less requests that wait for a worker, or displaced on"
                                    + " one; 429 beyond"),
                    server("hfx_best_effort_share").forModel("hfx.best_effort_share", WHOLE_MODEL),
                    server("hfx_deadline_margin").forModel("hfx.deadline_margin", WHOLE_MODEL),
                    server("hfx_policy").as("hfx.policy", HFX_MODEL),
                    server("hfx_policy_settings").as("hfx.policy_settings", HFX_MODEL),
                    option("kv_slots"),
                    option("prefix_cache_bytes"),
                    option("context_tokens"),
                    option("threads"),
                    option("backend"),
                    option("latency_profile"),
                    option("clone_from"),
                    option("clone_transport"),
                    option("clone_links"),
                    option("weight_sources"),
                    option("seed_address"),
                    option("seed_megabytes_per_second"),
                    option("seed_slowdown_percent"),
                    option("worker_key_file"),
                    ConfigKey.seconds(
                                    "option.drain_seconds",
                                    3,
                                    "Time that a request may stay at a worker that leaves")
                            .onlyIn(HFX_MODEL));

    /** Options that DJL Serving adds itself, or takes from its environment for every model. */
    private static final Set<String> OF_DJL =
            Set.of(
                    "option.default_accept",
                    "option.entryPoint",
                    "option.max_rolling_batch_size",
                    "option.modelName",
                    "option.model_id",
                    "option.model_loading_timeout",
                    "option.mpi_mode",
                    "option.parallel_loading",
                    "option.pipeline_parallel_degree",
                    "option.predict_timeout",
                    "option.revision",
                    "option.rolling_batch",
                    "option.task",
                    "option.tensor_parallel_degree",
                    "option.trust_remote_code");

    private static final KeySet WHOLE = new KeySet(WHOLE_MODEL, ALL);
    private static final KeySet HFX = new KeySet(HFX_MODEL, ALL);

    private ModelKeys() {}

    /** The keys of models with that engine. */
    public static KeySet of(String engine) {
        return engine.equals(ENGINE) ? HFX : WHOLE;
    }

    /** Whether an option is DJL Serving's own. */
    static boolean isOfDjl(String key) {
        return OF_DJL.contains(key);
    }

    private static ConfigKey server(String name) {
        return ConfigKeys.find(name).orElseThrow();
    }

    private static ConfigKey option(String name) {
        return server("hfx_" + name).as(OPTION + name, HFX_MODEL);
    }

    private static ConfigKey waiting(String name, String meaning) {
        return new ConfigKey(
                name,
                ConfigKey.Type.INTEGER,
                1,
                1_000_000,
                "",
                meaning + "; if left out job_queue_size, or 1000 with engine=HFX",
                Set.of(WHOLE_MODEL, HFX_MODEL));
    }
}
