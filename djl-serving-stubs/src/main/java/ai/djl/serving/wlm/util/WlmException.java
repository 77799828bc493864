package ai.djl.serving.wlm.util;

/** Signatures only. */
public class WlmException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public WlmException(String message) {
        super(message);
    }
}
