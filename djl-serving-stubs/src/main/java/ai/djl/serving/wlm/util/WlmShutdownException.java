package ai.djl.serving.wlm.util;

/** Signatures only. */
public class WlmShutdownException extends WlmException {
    private static final long serialVersionUID = 1L;

    public WlmShutdownException(String message) {
        super(message);
    }
}
