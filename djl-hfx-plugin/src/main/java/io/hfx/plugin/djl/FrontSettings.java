package io.hfx.plugin.djl;

import ai.djl.serving.util.ConfigManager;
import ai.djl.serving.util.Connector;
import io.hfx.plugin.config.Access;
import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.config.HttpLimits;
import io.hfx.plugin.config.PluginConfig;
import io.hfx.plugin.config.RequestLimits;
import io.hfx.plugin.http.Cors;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the server's configuration says of the OpenAI API inside it.
 *
 * @param address of a listener of our own, or null for none
 * @param splitFrom the inference address, where plugins cannot answer, or null
 * @param access without TLS, which is the server's
 * @param cors the server's own
 */
record FrontSettings(
        @Nullable Address address,
        @Nullable String splitFrom,
        Access access,
        Cors cors,
        HttpLimits http,
        RequestLimits requests) {
    /** Where the listener is opened when the server's ports are separate and no key says where. */
    static final String DEFAULT_ADDRESS = "http://127.0.0.1:8090";

    /**
     * Reads the server's configuration.
     *
     * @throws ConfigException that names the key and what is allowed
     */
    static FrontSettings read(ConfigManager server, PluginConfig config) {
        Connector inference = server.getConnector(Connector.ConnectorType.INFERENCE);
        Connector management = server.getConnector(Connector.ConnectorType.MANAGEMENT);
        String split = inference.equals(management) ? null : inference.toString();
        String given = config.text("hfx_address");
        String byDefault = split == null ? null : DEFAULT_ADDRESS;
        String address = given.isEmpty() ? byDefault : given;
        String origin = server.getCorsAllowedOrigin();
        boolean cors = origin != null && !origin.isEmpty();
        return of(
                config::text,
                address,
                split,
                cors
                        ? new Cors(
                                Set.of(origin),
                                server.getCorsAllowedMethods(),
                                server.getCorsAllowedHeaders())
                        : Cors.OFF,
                server.getMaxRequestSize());
    }

    static FrontSettings of(
            UnaryOperator<String> text,
            @Nullable String address,
            @Nullable String splitFrom,
            Cors cors,
            int bodyBytes) {
        String keys = text.apply("hfx_keys_file");
        return new FrontSettings(
                address == null ? null : Address.of(address.strip()),
                splitFrom,
                new Access(
                        keys.isEmpty() ? null : Path.of(keys),
                        Boolean.parseBoolean(text.apply("hfx_trust_client_slo")),
                        null,
                        Boolean.parseBoolean(text.apply("hfx_insecure"))),
                cors,
                HttpLimits.of(text).withBodyBytes(bodyBytes),
                RequestLimits.of(text));
    }

    /**
     * Where a listener is opened.
     *
     * @param port 0 takes a free one
     */
    record Address(boolean tls, String host, int port) {
        private static final Pattern FORM =
                Pattern.compile("(https?)://(?:\\[([0-9a-fA-F:.]+)]|([^/:\\[\\]]+)):([0-9]{1,5})");

        static Address of(String text) {
            Matcher form = FORM.matcher(text);
            if (!form.matches() || Integer.parseInt(form.group(4)) > 65_535) {
                throw new ConfigException(
                        "hfx_address must be http://HOST:PORT or https://HOST:PORT, was " + text);
            }
            String host = form.group(2) == null ? form.group(3) : form.group(2);
            return new Address(
                    form.group(1).equals("https"), host, Integer.parseInt(form.group(4)));
        }

        /** As clients write it, with the port that was taken. */
        String url(int taken) {
            String name = host.contains(":") ? "[" + host + "]" : host;
            return (tls ? "https://" : "http://") + name + ":" + taken;
        }
    }
}
