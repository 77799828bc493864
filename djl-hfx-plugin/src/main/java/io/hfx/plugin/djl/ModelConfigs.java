package io.hfx.plugin.djl;

import ai.djl.serving.http.BadRequestException;
import ai.djl.serving.models.Endpoint;
import ai.djl.serving.models.ModelManager;
import ai.djl.serving.wlm.ModelInfo;
import ai.djl.serving.wlm.WorkerPoolConfig;
import ai.djl.serving.workflow.Workflow;
import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.config.ModelConfig;
import io.hfx.plugin.config.PluginConfig;
import io.hfx.plugin.config.SloClasses;
import io.hfx.plugin.openai.SloResolver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the models' own configurations say to the plugin. Thread-safe. */
final class ModelConfigs {
    private static final Logger LOG = LoggerFactory.getLogger(ModelConfigs.class);

    private final PluginConfig server;
    private final Entry byDefault;
    private final Map<WorkerPoolConfig<?, ?>, Entry> models = new ConcurrentHashMap<>();

    /** Of several versions of a name the one that was read last. */
    private final Map<String, Entry> newest = new ConcurrentHashMap<>();

    /** Of one model. */
    private record Entry(ModelConfig config, SloResolver resolver) {}

    ModelConfigs(PluginConfig server) {
        this.server = server;
        this.byDefault = entry(ModelConfig.none(server));
    }

    /**
     * Reads the configuration of a model that is being loaded. Where it is wrong the model's
     * workflow is unregistered: one that is loaded asynchronously would stay pending for ever.
     *
     * @throws BadRequestException 400 that names the place, the key, the value and what is allowed
     */
    void read(WorkerPoolConfig<?, ?> model) {
        if (!(model instanceof ModelInfo<?, ?> info) || info.getProperties() == null) {
            return; // its values are the server's
        }
        try {
            ModelConfig config =
                    ModelConfig.read(
                            server, info.getEngineName(), info.getModelDir(), info.getProperties());
            Entry entry = entry(config);
            models.put(model, entry);
            newest.put(model.getId(), entry);
        } catch (ConfigException e) {
            LOG.error("model {} is not loaded: {}", model.getId(), e.getMessage());
            unregister(model);
            throw new BadRequestException(400, e.getMessage());
        }
    }

    /** What a model was told. */
    ModelConfig of(WorkerPoolConfig<?, ?> model) {
        return models.getOrDefault(model, byDefault).config();
    }

    /** Resolves the objectives of a model's requests. */
    SloResolver resolver(WorkerPoolConfig<?, ?> model) {
        return models.getOrDefault(model, byDefault).resolver();
    }

    /** The same of the model of that name. */
    SloResolver resolver(String name) {
        return newest.getOrDefault(name, byDefault).resolver();
    }

    /** The classes that the server was told. */
    SloClasses serverClasses() {
        return byDefault.config().sloClasses();
    }

    /** The model is gone. */
    void forget(WorkerPoolConfig<?, ?> model) {
        Entry entry = models.remove(model);
        if (entry != null) {
            newest.remove(model.getId(), entry);
        }
    }

    private static Entry entry(ModelConfig config) {
        return new Entry(config, new SloResolver(config.sloClasses()));
    }

    private static void unregister(WorkerPoolConfig<?, ?> model) {
        ModelManager manager = ModelManager.getInstance();
        for (Endpoint endpoint : List.copyOf(manager.getEndpoints().values())) {
            for (Workflow workflow : List.copyOf(endpoint.getWorkflows())) {
                if (workflow.getWpcs().stream().anyMatch(each -> each == model)) {
                    manager.unregisterWorkflow(workflow.getName(), workflow.getVersion());
                }
            }
        }
    }
}
