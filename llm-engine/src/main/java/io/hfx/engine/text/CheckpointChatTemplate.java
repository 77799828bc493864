package io.hfx.engine.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import io.hfx.engine.checkpoint.CheckpointException;
import io.hfx.engine.checkpoint.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The chat template of a checkpoint: {@code chat_template.jinja}, or the field {@code
 * chat_template} of {@code tokenizer_config.json} (a text, or a list of which the one named {@code
 * default} is taken). Messages are data: Jinja marks inside them are not run. Thread-safe.
 */
public final class CheckpointChatTemplate implements ChatTemplate {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int MAX_OUTPUT_BYTES = 16 << 20;
    private static final int MAX_TEMPLATE_BYTES = 1 << 20;

    /** Where the engine's habits differ from those of Jinja2, for which templates are written. */
    private static final LegacyOverrides AS_JINJA2 =
            LegacyOverrides.newBuilder()
                    .withEvaluateMapKeys(true)
                    .withIterateOverMapKeys(true)
                    .withUseNaturalOperatorPrecedence(true)
                    .withParseWhitespaceControlStrictly(true)
                    .withAllowAdjacentTextNodes(true)
                    .withUseTrimmingForNotesAndExpressions(true)
                    .withKeepNullableLoopValues(true)
                    .withHandleBackslashInQuotesOnly(true)
                    .build();

    private final Jinjava jinjava = jinjava();
    private final String template;
    private final Map<String, Object> tokens;

    private CheckpointChatTemplate(String template, Map<String, Object> tokens) {
        this.template = template;
        this.tokens = tokens;
    }

    /**
     * Loads the template and the special tokens that it may name.
     *
     * @throws CheckpointException if there is none
     */
    public static CheckpointChatTemplate load(Path checkpointDir) {
        Path configFile = checkpointDir.resolve("tokenizer_config.json");
        JsonFile config = JsonFile.read(configFile);
        Map<String, Object> tokens = new HashMap<>();
        for (String name : List.of("bos_token", "eos_token", "pad_token", "unk_token")) {
            JsonNode token = config.get(name);
            if (token != null) {
                tokens.put(
                        name, token.isTextual() ? token.asText() : token.path("content").asText());
            }
        }
        Path file = checkpointDir.resolve("chat_template.jinja");
        String template = Files.isRegularFile(file) ? read(file) : field(config);
        if (template == null) {
            throw new CheckpointException(
                    configFile
                            + ": field chat_template is missing, and there is no "
                            + file.getFileName()
                            + "; expected a text, or a list with one named default");
        }
        return new CheckpointChatTemplate(template, Map.copyOf(tokens));
    }

    private static String read(Path file) {
        try {
            if (Files.size(file) > MAX_TEMPLATE_BYTES) {
                throw new CheckpointException(
                        file + ": larger than " + MAX_TEMPLATE_BYTES + " bytes");
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static @Nullable String field(JsonFile config) {
        JsonNode node = config.get("chat_template");
        if (node == null || node.isTextual()) {
            return node == null ? null : node.asText();
        }
        for (JsonNode named : node) {
            if (named.path("name").asText().equals("default")
                    && named.path("template").isTextual()) {
                return named.path("template").asText();
            }
        }
        return null;
    }

    private static Jinjava jinjava() {
        Jinjava jinjava =
                new Jinjava(
                        JinjavaConfig.newBuilder()
                                .withTrimBlocks(true)
                                .withLstripBlocks(true)
                                .withNestedInterpretationEnabled(false)
                                .withLegacyOverrides(AS_JINJA2)
                                .withMaxOutputSize(MAX_OUTPUT_BYTES)
                                .withDisabled(
                                        Map.of(
                                                Context.Library.TAG,
                                                Set.of("include", "import", "from", "extends")))
                                .build());
        register(jinjava, "raise_exception", "raiseException");
        register(jinjava, "strftime_now", "strftimeNow");
        return jinjava;
    }

    private static void register(Jinjava jinjava, String name, String method) {
        jinjava.getGlobalContext()
                .registerFunction(
                        new ELFunctionDefinition(
                                "", name, TemplateFunctions.class, method, String.class));
    }

    @Override
    public String render(ArrayNode messages, ChatOptions options) {
        Map<String, Object> bindings = new HashMap<>(tokens);
        options.variables().forEach((name, value) -> bindings.put(name, plain(value)));
        bindings.put("add_generation_prompt", options.addGenerationPrompt());
        bindings.put("messages", plain(messages));
        bindings.put("tools", plain(options.tools()));
        bindings.put("documents", plain(options.documents()));
        RenderResult result = jinjava.renderForResult(template, bindings);
        if (!result.getErrors().isEmpty()) {
            throw new ChatTemplateException(reason(result.getErrors().get(0)));
        }
        return result.getOutput();
    }

    private static @Nullable Object plain(@Nullable JsonNode json) {
        return MAPPER.convertValue(json, Object.class);
    }

    /** The template's own refusal in its words; anything else with the line. */
    private static String reason(TemplateError error) {
        for (Throwable t = error.getException(); t != null; t = t.getCause()) {
            if (t instanceof ChatTemplateException) {
                return String.valueOf(t.getMessage());
            }
        }
        return "chat template, line " + error.getLineno() + ": " + error.getMessage();
    }
}
