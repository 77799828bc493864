package io.hfx.plugin.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Bodies that are near to valid ones: values, types, fields and nesting changed at random. */
final class JsonFuzz {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String[] FIELDS = {
        "model",
        "messages",
        "prompt",
        "max_tokens",
        "max_completion_tokens",
        "n",
        "temperature",
        "top_p",
        "top_k",
        "min_p",
        "seed",
        "stop",
        "stream",
        "stream_options",
        "ignore_eos",
        "slo",
        "service_tier",
        "priority",
        "logprobs",
        "top_logprobs",
        "logit_bias",
        "frequency_penalty",
        "presence_penalty",
        "repetition_penalty",
        "response_format",
        "tools",
        "tool_choice",
        "user",
        "metadata",
        "echo",
        "best_of",
        "suffix",
        "role",
        "content",
        "class",
        "ttft_ms",
        "tpot_ms",
        "e2e_ms",
        "include_usage",
        "type",
        "text",
        "made_up",
        "",
        "\u0000",
        "\ud800"
    };
    private static final String[] RAW = {
        "0",
        "-0",
        "-0.0",
        "1",
        "-1",
        "2147483647",
        "2147483648",
        "-2147483649",
        "9223372036854775808",
        "1e5",
        "1e400",
        "-1e400",
        "1e-400",
        "0.1",
        "1.5",
        "123456789e-9",
        "1e999999999",
        "1E+2",
        "true",
        "false",
        "null",
        "[]",
        "{}",
        "[[]]",
        "[null]",
        "[1.5]",
        "[-1]",
        "[99999999]",
        "\"\"",
        "\"a\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\\udfff x\"",
        "\"\\uffff\"",
        "NaN",
        "Infinity",
        "01",
        "+1",
        ".5",
        "'a'",
        "\"\\x\"",
        "tru",
        "-",
        "1e",
        "{\"a\":1,\"a\":2}",
        "\"data: [DONE]\\n\\n\"",
        "{\"class\":\"chat\"}",
        "{\"ttft_ms\":0.001}",
        "[\"a\",\"b\",\"c\",\"d\",\"e\"]",
        "[[1,2],[3]]",
        "[\"a\",[1]]",
        "/**/1"
    };

    private final Random random;

    JsonFuzz(Random random) {
        this.random = random;
    }

    /** A valid body of one of the two endpoints. */
    ObjectNode valid(boolean chat) {
        ObjectNode body = JSON.createObjectNode().put("model", "sample");
        if (chat) {
            ArrayNode messages = body.putArray("messages");
            for (int i = random.nextInt(3); i >= 0; i--) {
                messages.addObject().put("role", "user").put("content", text());
            }
        } else if (random.nextBoolean()) {
            body.put("prompt", text());
        } else {
            ArrayNode ids = body.putArray("prompt");
            for (int i = random.nextInt(20); i >= 0; i--) {
                ids.add(random.nextInt(400));
            }
        }
        body.put("max_tokens", 1 + random.nextInt(16));
        addSome(body);
        return body;
    }

    private void addSome(ObjectNode body) {
        if (random.nextBoolean()) {
            body.put("stream", true).putObject("stream_options").put("include_usage", true);
        }
        if (random.nextInt(3) == 0) {
            body.put("n", 1 + random.nextInt(3)).put("temperature", random.nextDouble() * 2);
        }
        if (random.nextInt(3) == 0) {
            body.put("seed", random.nextLong())
                    .put("top_p", 0.5)
                    .putArray("stop")
                    .add("e")
                    .add(text());
        }
        if (random.nextInt(3) == 0) {
            body.putObject("slo").put("class", "batch").put("ttft_ms", random.nextInt(1000) + 1);
        }
    }

    private String text() {
        StringBuilder text = new StringBuilder("a");
        for (int i = random.nextInt(30); i > 0; i--) {
            int kind = random.nextInt(10);
            text.append(
                    kind < 7
                            ? Character.toString(' ' + random.nextInt(95))
                            : kind == 7
                                    ? Character.toString(random.nextInt(0x10ffff + 1))
                                    : kind == 8 ? "\u00e9\u4e2d\ud83d\ude00" : "<|im_end|>");
        }
        return text.toString();
    }

    /** Changes some places; the text may no longer be JSON. */
    String mutated(ObjectNode body) {
        for (int i = random.nextInt(3); i >= 0; i--) {
            mutate(body);
        }
        String text = body.toString();
        return switch (random.nextInt(40)) {
            case 0 -> "[".repeat(1 + random.nextInt(5_000)) + text;
            case 1 -> text + text;
            case 2 -> text.substring(0, random.nextInt(text.length()));
            case 3 -> text.replaceFirst("\\{", "{\"user\":\"" + "u".repeat(20_000) + "\",");
            case 4 -> "{\"" + "k".repeat(60_000) + "\":" + text + "}";
            case 5 -> text.replaceFirst("\\{", "{\"n\":" + "1".repeat(random.nextInt(3_000)) + ",");
            case 6 -> "\ufeff" + text;
            default -> text;
        };
    }

    private void mutate(ObjectNode body) {
        List<ObjectNode> objects = new ArrayList<>();
        collect(body, objects);
        ObjectNode at = objects.get(random.nextInt(objects.size()));
        List<String> names = new ArrayList<>();
        at.fieldNames().forEachRemaining(names::add);
        String name =
                names.isEmpty() || random.nextInt(3) == 0
                        ? FIELDS[random.nextInt(FIELDS.length)]
                        : names.get(random.nextInt(names.size()));
        switch (random.nextInt(4)) {
            case 0 -> at.remove(name);
            case 1 -> at.set(name, nested(at.get(name)));
            default -> at.set(name, raw());
        }
    }

    private static void collect(JsonNode node, List<ObjectNode> into) {
        if (node instanceof ObjectNode object) {
            into.add(object);
        }
        node.forEach(child -> collect(child, into));
    }

    private JsonNode nested(JsonNode value) {
        ArrayNode around = JSON.createArrayNode();
        for (int i = random.nextInt(4); i >= 0; i--) {
            around.add(value == null ? raw() : value);
        }
        return around;
    }

    private JsonNode raw() {
        String value = RAW[random.nextInt(RAW.length)];
        return JsonNodeFactory.instance.rawValueNode(new RawValue(value));
    }
}
