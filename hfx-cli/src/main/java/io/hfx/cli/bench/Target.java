package io.hfx.cli.bench;

import io.hfx.cli.UserError;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/**
 * The endpoint under load.
 *
 * @param base scheme, host, port and path before {@code /v1}
 * @param api the call that is made
 * @param model its name in requests
 * @param apiKey sent as bearer token
 * @param sendSlo whether requests state their SLO
 */
public record Target(URI base, Api api, String model, Optional<String> apiKey, boolean sendSlo) {

    /** Reads {@code http[s]://HOST[:PORT][/PATH]}; a trailing {@code /v1} is left out. */
    public static URI parse(String url) {
        try {
            URI uri = new URI(url);
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (http && uri.getHost() != null && uri.getQuery() == null) {
                String path = uri.getRawPath().replaceFirst("/+(v1/*)?$", "");
                return new URI(uri.getScheme() + "://" + uri.getRawAuthority() + path + "/");
            }
        } catch (URISyntaxException e) {
            // falls through to the one message
        }
        throw new UserError("--url must read http[s]://HOST[:PORT][/PATH], was " + url);
    }

    boolean isHttps() {
        return "https".equals(base.getScheme());
    }

    int port() {
        return base.getPort() >= 0 ? base.getPort() : isHttps() ? 443 : 80;
    }

    URI call() {
        return base.resolve(api.path());
    }

    @Override
    public String toString() {
        return "Target[" + call() + ", model=" + model + "]";
    }
}
