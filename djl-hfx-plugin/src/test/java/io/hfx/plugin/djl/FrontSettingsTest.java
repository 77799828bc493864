package io.hfx.plugin.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.config.ConfigKeys;
import io.hfx.plugin.http.Cors;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrontSettingsTest {
    private static FrontSettings read(Map<String, String> keys, String address) {
        return FrontSettings.of(withDefaults(keys), address, null, Cors.OFF, 1_000_000);
    }

    /** What the keys say, and the defaults of the others. */
    static UnaryOperator<String> withDefaults(Map<String, String> keys) {
        return key -> {
            String given = keys.get(key);
            return given == null ? ConfigKeys.find(key).orElseThrow().byDefault() : given;
        };
    }

    @Test
    void anAddressHasSchemeHostAndPort() {
        assertNull(read(Map.of(), null).address());
        assertEquals(
                new FrontSettings.Address(false, "127.0.0.1", 8090),
                read(Map.of(), FrontSettings.DEFAULT_ADDRESS).address());
        FrontSettings.Address six = read(Map.of(), "https://[::1]:0").address();
        assertEquals(new FrontSettings.Address(true, "::1", 0), six);
        assertEquals("https://[::1]:91", six.url(91));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "8090", "127.0.0.1:8090", "http://a", "http://a:70000", "unix:/tmp/a"})
    void anyOtherFormIsNamed(String address) {
        ConfigException wrong = assertThrows(ConfigException.class, () -> read(Map.of(), address));
        assertTrue(wrong.getMessage().startsWith("hfx_address must be http://HOST:PORT"));
    }

    @Test
    void theServersBodyLimitAndOurKeysHold() {
        FrontSettings read = read(Map.of("hfx_max_requests", "7"), null);
        assertEquals(1_000_000, read.http().bodyBytes());
        assertEquals(7, read.requests().inFlight());
    }
}
