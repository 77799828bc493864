package io.hfx.harness;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineProvider;

/** Lets a server find {@link FixedTimeEngine} on its class path. */
public final class FixedTimeEngineProvider implements EngineProvider {
    private static final Engine ENGINE = new FixedTimeEngine();

    @Override
    public String getEngineName() {
        return FixedTimeEngine.NAME;
    }

    @Override
    public int getEngineRank() {
        return ENGINE.getRank();
    }

    @Override
    public Engine getEngine() {
        return ENGINE;
    }
}
