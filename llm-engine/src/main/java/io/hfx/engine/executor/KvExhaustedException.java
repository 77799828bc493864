package io.hfx.engine.executor;

/** No KV is free. The caller holds more sequences than {@link ExecutorSpec#slots()}. */
public final class KvExhaustedException extends RuntimeException {
    public KvExhaustedException(String message) {
        super(message);
    }
}
