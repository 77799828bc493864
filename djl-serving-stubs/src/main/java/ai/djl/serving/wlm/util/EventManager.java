package ai.djl.serving.wlm.util;

/** Signatures only. */
public final class EventManager {
    private EventManager() {}

    public static EventManager getInstance() {
        throw new UnsupportedOperationException("stub");
    }

    public void addListener(ModelServerListener listener) {
        throw new UnsupportedOperationException("stub");
    }
}
