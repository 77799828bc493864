package ai.djl.serving.wlm.util;

/** Signatures only. */
public class WlmCapacityException extends WlmException {
    private static final long serialVersionUID = 1L;

    public WlmCapacityException(String message) {
        super(message);
    }
}
