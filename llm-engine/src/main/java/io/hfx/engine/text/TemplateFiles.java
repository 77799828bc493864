package io.hfx.engine.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.hfx.engine.checkpoint.CheckpointException;
import io.hfx.engine.checkpoint.JsonFile;
import io.hfx.engine.jinja.Template;
import io.hfx.engine.jinja.TemplateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Finds the chat templates of a checkpoint as transformers does: {@code chat_template.jinja} (named
 * default) and {@code additional_chat_templates/NAME.jinja}; where there is no such file, the field
 * {@code chat_template} of {@code tokenizer_config.json}, a text or a list of names and texts.
 */
final class TemplateFiles {
    /** The template that is used unless there is a reason for another. */
    static final String DEFAULT = "default";

    private static final String SUFFIX = ".jinja";

    private TemplateFiles() {}

    /**
     * The templates by name, parsed.
     *
     * @throws CheckpointException if there are none, or one cannot be read or parsed
     */
    static Map<String, Template> read(Path checkpointDir, Path configFile, JsonFile config) {
        Map<String, Template> templates = new LinkedHashMap<>();
        Path file = checkpointDir.resolve("chat_template.jinja");
        if (Files.isRegularFile(file)) {
            templates.put(DEFAULT, parse(file.toString(), text(file)));
        }
        for (Path each : additional(checkpointDir.resolve("additional_chat_templates"))) {
            String name = String.valueOf(each.getFileName());
            templates.put(
                    name.substring(0, name.length() - SUFFIX.length()),
                    parse(each.toString(), text(each)));
        }
        JsonNode field = config.get("chat_template");
        if (templates.isEmpty() && field != null) {
            fromField(configFile + ": field chat_template", field, templates);
        }
        if (templates.isEmpty()) {
            throw new CheckpointException(
                    configFile
                            + ": field chat_template is missing, and there is no "
                            + file.getFileName()
                            + "; expected a text, or a list of objects with name and template");
        }
        return templates;
    }

    private static void fromField(String source, JsonNode field, Map<String, Template> templates) {
        if (field.isTextual()) {
            templates.put(DEFAULT, parse(source, field.textValue()));
            return;
        }
        for (JsonNode named : field) {
            JsonNode name = named.path("name");
            JsonNode text = named.path("template");
            if (!name.isTextual() || !text.isTextual()) {
                throw new CheckpointException(
                        source + " must be a text, or a list of objects with name and template");
            }
            String shown = source + ", template " + name.textValue();
            templates.put(name.textValue(), parse(shown, text.textValue()));
        }
    }

    private static List<Path> additional(Path dir) {
        if (!Files.isDirectory(dir)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(dir)) {
            return files.filter(each -> each.toString().endsWith(SUFFIX)).sorted().toList();
        } catch (IOException e) {
            throw new CheckpointException(dir + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static String text(Path file) {
        try {
            if (Files.size(file) > 4L * Template.MAX_CHARS) {
                throw new CheckpointException(
                        file + ": longer than " + Template.MAX_CHARS + " characters");
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static Template parse(String source, String text) {
        try {
            return Template.parse(text);
        } catch (TemplateException e) {
            throw new CheckpointException(source + ", " + e.getMessage(), e);
        }
    }
}
