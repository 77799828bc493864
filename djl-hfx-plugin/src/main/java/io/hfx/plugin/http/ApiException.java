package io.hfx.plugin.http;

/** Carries an {@link ApiError} from where it is found to where it is answered. */
public final class ApiException extends RuntimeException {
    private final transient ApiError error;

    ApiException(ApiError error) {
        super(error.message(), null, false, false);
        this.error = error;
    }

    public ApiError error() {
        return error;
    }
}
