package io.hfx.plugin.config;

import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An address of TCP, not yet looked up.
 *
 * @param host name or address
 * @param port 0 to 65,535
 */
public record HostPort(String host, int port) {
    private static final Pattern FORM =
            Pattern.compile(
                    "(?:(?:([A-Za-z0-9._-]{1,253})|\\[([0-9a-fA-F:.%]{2,64})]):)?([0-9]{1,5})");

    /**
     * Parses {@code HOST:PORT} or {@code [ADDRESS]:PORT}.
     *
     * @param key named in messages
     * @param byDefault host of a port alone; empty where a host must be stated
     * @throws ConfigException if it is something else
     */
    static HostPort parse(String key, String text, String byDefault) {
        Matcher form = FORM.matcher(text.strip());
        int port = form.matches() ? Integer.parseInt(form.group(3)) : -1;
        String host = byDefault;
        if (port >= 0 && form.group(1) != null) {
            host = form.group(1);
        } else if (port >= 0 && form.group(2) != null) {
            host = form.group(2);
        }
        if (port < 0 || port > 65_535 || host.isEmpty() || (byDefault.isEmpty() && port == 0)) {
            throw new ConfigException(
                    key
                            + (byDefault.isEmpty() ? " must be HOST:PORT" : " must be [HOST:]PORT")
                            + " with a port from "
                            + (byDefault.isEmpty() ? 1 : 0)
                            + " to 65535, was "
                            + text);
        }
        return new HostPort(host, port);
    }

    /** Looks the host up, now. */
    public InetSocketAddress lookUp() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : '[' + host + ']') + ':' + port;
    }
}
