package io.hfx.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hfx.cli.UserError;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A model that an endpoint serves.
 *
 * @param id as requests name it
 * @param contextTokens prompt and output of a sequence, where the endpoint says it (as vLLM does in
 *     {@code max_model_len})
 */
public record EndpointModel(String id, OptionalInt contextTokens) {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /**
     * Looks a model up in the endpoint's {@code /v1/models}.
     *
     * @param named the one that is meant; the first of the list where it is empty
     * @throws UserError if none is named and the endpoint lists none
     */
    public static EndpointModel ask(URI base, Optional<String> named, Optional<String> apiKey)
            throws InterruptedException {
        URI models = base.resolve("v1/models");
        try {
            for (JsonNode model : list(models, apiKey)) {
                String id = model.path("id").asText();
                if (!id.isEmpty() && (named.isEmpty() || named.get().equals(id))) {
                    return new EndpointModel(id, context(model.path("max_model_len")));
                }
            }
        } catch (IOException e) {
            if (named.isEmpty()) {
                throw new UserError(models + " cannot be read (" + e + "): state --model");
            }
        }
        return new EndpointModel(
                named.orElseThrow(
                        () ->
                                new UserError(
                                        models
                                                + " names no model yet (is it loading?): state --model")),
                OptionalInt.empty());
    }

    private static JsonNode list(URI models, Optional<String> apiKey)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(models).timeout(TIMEOUT);
        apiKey.ifPresent(key -> request.header("authorization", "Bearer " + key));
        String body =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(TIMEOUT)
                        .build()
                        .send(request.build(), HttpResponse.BodyHandlers.ofString())
                        .body();
        return new JsonMapper().readTree(body).path("data");
    }

    private static OptionalInt context(JsonNode tokens) {
        return tokens.canConvertToInt() && tokens.asInt() > 0
                ? OptionalInt.of(tokens.asInt())
                : OptionalInt.empty();
    }
}
