package io.hfx.plugin.djl;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.serving.wlm.WorkerPoolConfig;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.hfx.plugin.live.LiveModelService;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.service.ServiceStatus;
import io.hfx.plugin.service.ServiceStatus.WorkerStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the server says of a model, with what HFX knows beside it under {@code hfx}. */
final class ModelDescription {
    private ModelDescription() {}

    /**
     * As JSON.
     *
     * @param described by the server
     * @param models that may be meant
     */
    static JsonElement of(Object described, List<WorkerPoolConfig<Input, Output>> models) {
        JsonElement all = JsonUtils.GSON_PRETTY.toJsonTree(described);
        int next = 0;
        for (JsonElement workflow : all.getAsJsonArray()) {
            for (JsonElement model : workflow.getAsJsonObject().getAsJsonArray("models")) {
                HfxModel ours = next < models.size() ? HfxModel.of(models.get(next)) : null;
                next++;
                if (ours != null) {
                    model.getAsJsonObject().add("hfx", of(ours.service()));
                }
            }
        }
        return all;
    }

    private static JsonObject of(LiveModelService service) {
        ServiceStatus status = service.status();
        Refusal unavailable = service.unavailable();
        JsonObject json = new JsonObject();
        json.addProperty("policy", status.policy());
        json.addProperty("available", unavailable == null ? "yes" : unavailable.reason());
        json.addProperty("waiting", status.waiting());
        json.addProperty("running", status.running());
        JsonArray workers = new JsonArray();
        status.workers().forEach(worker -> workers.add(of(worker)));
        json.add("workers", workers);
        return json;
    }

    private static JsonObject of(WorkerStatus worker) {
        JsonObject json = new JsonObject();
        json.addProperty("id", worker.id());
        json.addProperty("state", worker.state());
        json.addProperty("executor", worker.executor());
        json.addProperty("runningSequences", worker.runningSequences());
        json.addProperty("kvSlots", worker.kvSlots());
        json.addProperty("contextTokens", worker.contextTokens());
        json.addProperty("steps", worker.steps());
        return json;
    }

    /** The state of each model, of what the server's own status says. */
    static Map<String, Object> states(Map<String, Object> all) {
        Map<String, Object> states = new LinkedHashMap<>();
        if (all.get("data") instanceof Map<?, ?> data) {
            data.forEach((name, state) -> states.put(String.valueOf(name), state));
        }
        return states;
    }
}
