package io.hfx.plugin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.auth.Role;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.testing.HttpSocket;
import io.hfx.plugin.testing.KeysFile;
import io.hfx.plugin.testing.TestServer;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose a request is when it comes to the scheduler. */
class TenantsTest {
    private static HttpSocket.Answer complete(TestServer server, String more, String... headers)
            throws Exception {
        String body = "{\"model\":\"fake/model\",\"prompt\":\"a\"" + more + "}";
        return server.post("/v1/completions", body, headers);
    }

    private static String tenant(TestServer server, String more, String... headers)
            throws Exception {
        HttpSocket.Answer answer = complete(server, more, headers);
        assertEquals(200, answer.status(), answer.body());
        GenerationRequest request = server.model.submitted.poll(10, TimeUnit.SECONDS);
        assertNotNull(request);
        return request.tenant();
    }

    @Test
    void withoutKeysItIsWhomTheClientStates() throws Exception {
        try (TestServer server = new TestServer()) {
            assertEquals("", tenant(server, ""));
            assertEquals("ann", tenant(server, ",\"user\":\"ann\""));
            String longest = "x".repeat(GenerationRequest.MOST_TENANT_CHARS);
            assertEquals(longest, tenant(server, ",\"user\":\"" + longest + "\""));
            HttpSocket.Answer answer = complete(server, ",\"user\":\"" + longest + "x\"");
            assertEquals(400, answer.status());
            assertTrue(answer.body().contains("user must have at most 256"), answer.body());
        }
    }

    @Test
    void withKeysItIsTheKey(@TempDir Path folder) throws Exception {
        KeysFile keys = new KeysFile(folder);
        String acme = keys.add(Role.INFERENCE, "acme");
        try (TestServer server = new TestServer("hfx_keys_file", keys.path.toString())) {
            assertEquals("acme", tenant(server, "", acme));
            assertEquals("acme", tenant(server, ",\"user\":\"ann\"", acme));
        }
    }
}
