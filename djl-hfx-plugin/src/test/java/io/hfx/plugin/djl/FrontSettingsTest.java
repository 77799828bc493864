package io.hfx.plugin.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.http.Cors;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrontSettingsTest {
    private static FrontSettings read(Map<String, String> keys, String address) {
        return FrontSettings.of(keys::get, address, null, Cors.OFF, 1_000_000);
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
            strings = {"", "8090", "127.0.0.1:8090", "http://a", "http://a:70000", "unix:/a.sock"})
    void anyOtherFormIsNamed(String address) {
        ConfigException wrong = assertThrows(ConfigException.class, () -> read(Map.of(), address));
        assertTrue(wrong.getMessage().startsWith("hfx_address must be http://HOST:PORT"));
    }

    @Test
    void theServersBodyLimitAndOurKeysHold() {
        FrontSettings read = read(Map.of("hfx_max_requests", " 7 "), null);
        assertEquals(1_000_000, read.http().bodyBytes());
        assertEquals(7, read.requests().inFlight());
        ConfigException wrong =
                assertThrows(
                        ConfigException.class, () -> read(Map.of("hfx_max_choices", "many"), null));
        assertTrue(wrong.getMessage().contains("hfx_max_choices must be a whole number"));
    }
}
