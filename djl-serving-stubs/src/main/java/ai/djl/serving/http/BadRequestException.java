package ai.djl.serving.http;

/** Signatures only. */
public class BadRequestException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public BadRequestException(int code, String message) {
        throw new UnsupportedOperationException("stub");
    }

    public int getCode() {
        throw new UnsupportedOperationException("stub");
    }
}
