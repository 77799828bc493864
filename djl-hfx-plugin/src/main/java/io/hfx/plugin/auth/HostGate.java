package io.hfx.plugin.auth;

import io.hfx.plugin.http.ApiError;
import io.hfx.plugin.http.Caller;
import io.hfx.plugin.http.Gate;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.NetUtil;
import java.util.Locale;

/**
 * Lets everybody in who asks for this machine by a name of its own. A web page whose name an
 * attacker points at the loopback address (DNS rebinding) is the same origin as a server there for
 * the browser, so without this check any page that the operator visits could use a server without
 * keys.
 */
public final class HostGate implements Gate {
    private final String ownName;

    /**
     * @param ownName that the server listens under, as it is configured
     */
    public HostGate(String ownName) {
        this.ownName = ownName.toLowerCase(Locale.ROOT);
    }

    @Override
    public Caller admit(HttpRequest head) {
        String stated = head.headers().get(HttpHeaderNames.HOST);
        if (stated != null && !isOurs(name(stated.strip().toLowerCase(Locale.ROOT)))) {
            throw ApiError.forbidden(
                            "host",
                            "unknown_host",
                            "Without keys this server answers only to localhost; see hfx_keys_file"
                                    + " and hfx_insecure")
                    .asException();
        }
        return Caller.ANYBODY;
    }

    private static String name(String host) {
        if (host.startsWith("[")) {
            int end = host.indexOf(']');
            return end < 0 ? host : host.substring(1, end);
        }
        int colon = host.indexOf(':');
        return colon < 0 ? host : host.substring(0, colon);
    }

    private boolean isOurs(String name) {
        return name.isEmpty()
                || name.equals(ownName)
                || name.equals("localhost")
                || name.endsWith(".localhost")
                || name.equals("::1")
                || (NetUtil.isValidIpV4Address(name) && name.startsWith("127."));
    }
}
