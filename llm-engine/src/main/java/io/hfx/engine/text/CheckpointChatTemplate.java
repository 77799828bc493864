package io.hfx.engine.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.hfx.engine.checkpoint.CheckpointException;
import io.hfx.engine.checkpoint.JsonFile;
import io.hfx.engine.jinja.Template;
import io.hfx.engine.jinja.TemplateException;
import io.hfx.engine.jinja.builtin.Globals;
import io.hfx.engine.jinja.value.Bool;
import io.hfx.engine.jinja.value.EvaluationException;
import io.hfx.engine.jinja.value.Str;
import io.hfx.engine.jinja.value.Value;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The chat templates of a checkpoint, rendered as transformers renders them. With tools the
 * template named {@code tool_use} is taken where there is one, else the one named {@code default}.
 * Messages are data: Jinja marks inside them are not run. Parsed once; thread-safe.
 */
public final class CheckpointChatTemplate implements ChatTemplate {
    private static final List<String> SPECIAL_TOKENS =
            List.of(
                    "bos_token",
                    "eos_token",
                    "unk_token",
                    "sep_token",
                    "pad_token",
                    "cls_token",
                    "mask_token");

    private static final Set<String> RESERVED =
            Set.of("messages", "tools", "documents", "add_generation_prompt");

    private final Map<String, Template> templates;
    private final Map<String, Value> tokens;
    private final Map<String, Value> functions;

    private CheckpointChatTemplate(
            Map<String, Template> templates, Map<String, Value> tokens, Clock clock) {
        this.templates = templates;
        this.tokens = tokens;
        this.functions = Globals.of(clock);
    }

    /** Loads the templates; {@code strftime_now} tells the local time of this machine. */
    public static CheckpointChatTemplate load(Path checkpointDir) {
        return load(checkpointDir, Clock.system(ZoneId.systemDefault()));
    }

    /**
     * Loads the templates and the special tokens that they may name.
     *
     * @param clock that {@code strftime_now} reads
     * @throws CheckpointException if there is no template, or one cannot be parsed
     */
    public static CheckpointChatTemplate load(Path checkpointDir, Clock clock) {
        Path configFile = checkpointDir.resolve("tokenizer_config.json");
        JsonFile config = JsonFile.read(configFile);
        Map<String, Template> templates = TemplateFiles.read(checkpointDir, configFile, config);
        Map<String, Value> tokens = new HashMap<>();
        Path map = checkpointDir.resolve("special_tokens_map.json");
        if (Files.isRegularFile(map)) {
            addTokens(JsonFile.read(map), tokens);
        }
        addTokens(config, tokens);
        return new CheckpointChatTemplate(templates, Map.copyOf(tokens), clock);
    }

    private static void addTokens(JsonFile file, Map<String, Value> tokens) {
        for (String name : SPECIAL_TOKENS) {
            JsonNode token = file.get(name);
            if (token != null) {
                boolean plain = token.isTextual();
                tokens.put(name, new Str(plain ? token.asText() : token.path("content").asText()));
            }
        }
    }

    @Override
    public String render(ArrayNode messages, ChatOptions options) {
        Map<String, Value> variables = new HashMap<>(tokens);
        options.variables()
                .forEach((name, value) -> variables.put(free(name), JsonValues.of(value)));
        variables.put("messages", JsonValues.of(messages));
        variables.put("tools", JsonValues.of(options.tools()));
        variables.put("documents", JsonValues.of(options.documents()));
        variables.put("add_generation_prompt", Bool.of(options.addGenerationPrompt()));
        try {
            return template(options).render(variables, functions);
        } catch (EvaluationException e) {
            throw new ChatTemplateException(String.valueOf(e.getMessage()));
        } catch (TemplateException e) {
            throw new ChatTemplateException("chat template, " + e.getMessage());
        }
    }

    private static String free(String name) {
        if (RESERVED.contains(name)) {
            throw new ChatTemplateException(
                    "chat_template_kwargs cannot set " + name + ", which has a field of its own");
        }
        return name;
    }

    private Template template(ChatOptions options) {
        Template forTools = options.tools() == null ? null : templates.get("tool_use");
        Template template = forTools == null ? templates.get(TemplateFiles.DEFAULT) : forTools;
        if (template == null) {
            throw new ChatTemplateException(
                    "the model has the chat templates "
                            + templates.keySet()
                            + ", but none named "
                            + TemplateFiles.DEFAULT);
        }
        return template;
    }
}
