package io.hfx.cli.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hfx.cli.UserError;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** The name of the model that an endpoint serves, for requests that need one. */
public final class ModelName {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private ModelName() {}

    /**
     * The first of the endpoint's {@code /v1/models}.
     *
     * @throws UserError if it does not say
     */
    public static String ask(URI base, Optional<String> apiKey) throws InterruptedException {
        URI models = base.resolve("v1/models");
        HttpRequest.Builder request = HttpRequest.newBuilder(models).timeout(TIMEOUT);
        apiKey.ifPresent(key -> request.header("authorization", "Bearer " + key));
        String body;
        try {
            body =
                    HttpClient.newBuilder()
                            .version(HttpClient.Version.HTTP_1_1)
                            .connectTimeout(TIMEOUT)
                            .build()
                            .send(request.build(), HttpResponse.BodyHandlers.ofString())
                            .body();
            String id = new JsonMapper().readTree(body).at("/data/0/id").asText();
            if (!id.isEmpty()) {
                return id;
            }
        } catch (IOException e) {
            throw new UserError(models + " cannot be read (" + e + "): state --model");
        }
        throw new UserError(models + " names no model: state --model");
    }
}
