package io.hfx.plugin.djl;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineProvider;
import ai.djl.ndarray.NDManager;
import ai.djl.serving.wlm.ModelInfo;
import ai.djl.serving.wlm.WorkerPoolConfig;
import ai.djl.util.passthrough.PassthroughNDManager;
import org.jspecify.annotations.Nullable;

/**
 * The engine of token-level models: {@code engine=HFX}. It has no tensors of DJL's. Registered by
 * the plugin, because the server looks for engines in class loaders that do not see the plugin.
 */
final class HfxEngine extends Engine {
    /** As {@code serving.properties} and {@code POST /models} name it. */
    static final String NAME = "HFX";

    private static final String VERSION = "0.1";

    private final HfxModels models;

    private HfxEngine(HfxModels models) {
        this.models = models;
    }

    /** Makes the engine known to DJL; its models enter the directory. */
    static void register(HfxModels models) {
        HfxEngine engine = new HfxEngine(models);
        Engine.registerEngine(
                new EngineProvider() {
                    @Override
                    public String getEngineName() {
                        return NAME;
                    }

                    @Override
                    public int getEngineRank() {
                        return engine.getRank();
                    }

                    @Override
                    public Engine getEngine() {
                        return engine;
                    }
                });
    }

    /** Whether a model of the server is one of this engine. */
    static boolean runs(WorkerPoolConfig<?, ?> model) {
        return model instanceof ModelInfo<?, ?> info && NAME.equals(info.getEngineName());
    }

    @Override
    public @Nullable Engine getAlternativeEngine() {
        return null;
    }

    @Override
    public String getEngineName() {
        return NAME;
    }

    /** Behind all others: no model without a stated engine is ours. */
    @Override
    public int getRank() {
        return Integer.MAX_VALUE;
    }

    @Override
    public String getVersion() {
        return VERSION;
    }

    @Override
    public boolean hasCapability(String capability) {
        return false;
    }

    /** It runs on the CPU, whatever else the machine has. */
    @Override
    public Device defaultDevice() {
        return Device.cpu();
    }

    @Override
    public int getGpuCount() {
        return 0;
    }

    @Override
    public Model newModel(String name, @Nullable Device device) {
        if (device != null && device.isGpu()) {
            throw new IllegalArgumentException("engine HFX runs on cpu, not on " + device);
        }
        return new HfxModel(name, models);
    }

    @Override
    public NDManager newBaseManager() {
        return PassthroughNDManager.INSTANCE;
    }

    @Override
    public NDManager newBaseManager(@Nullable Device device) {
        return PassthroughNDManager.INSTANCE;
    }

    @Override
    public void setRandomSeed(int seed) {} // every request has its own
}
