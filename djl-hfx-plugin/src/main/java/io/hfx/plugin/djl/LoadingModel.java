package io.hfx.plugin.djl;

import ai.djl.Device;
import ai.djl.serving.wlm.ModelInfo;
import ai.djl.serving.wlm.util.EventManager;
import ai.djl.serving.wlm.util.ModelServerListenerAdapter;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The model of the server that this thread is about to load. DJL tells an engine's model neither
 * its name in the server nor the keys of {@code serving.properties} that are no options; the server
 * tells its listeners both, on the loading thread, right before.
 *
 * @param name in the server
 * @param properties of {@code serving.properties}
 */
record LoadingModel(String name, Map<String, String> properties) {
    private static final ThreadLocal<@Nullable LoadingModel> CURRENT = new ThreadLocal<>();

    /** Listens from now on, for the life of the server. */
    static void listen() {
        EventManager.getInstance()
                .addListener(
                        new ModelServerListenerAdapter() {
                            @Override
                            public void onModelLoading(ModelInfo<?, ?> model, Device device) {
                                if (HfxEngine.runs(model)) {
                                    CURRENT.set(of(model));
                                }
                            }
                        });
    }

    /** What this thread loads; null outside a server. Asked once a load. */
    static @Nullable LoadingModel take() {
        LoadingModel current = CURRENT.get();
        CURRENT.remove();
        return current;
    }

    private static LoadingModel of(ModelInfo<?, ?> model) {
        Map<String, String> properties = new TreeMap<>();
        for (String key : model.getProperties().stringPropertyNames()) {
            properties.put(key, model.getProperties().getProperty(key));
        }
        return new LoadingModel(model.getId(), properties);
    }
}
