package io.hfx.engine.sample;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tokenizer files of a sample model: byte-level BPE, special tokens last, a ChatML template.
 */
final class SampleTokenizer {
    static final List<String> SPECIAL =
            List.of("<|begin_of_text|>", "<|end_of_text|>", "<|im_start|>", "<|im_end|>");

    static final String CHAT_TEMPLATE =
            """
            {{- bos_token }}
            {%- for message in messages %}
                {%- if message['role'] not in ['system', 'user', 'assistant'] %}
                    {{- raise_exception('role must be system, user or assistant, was ' + message['role']) }}
                {%- endif %}
                {{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}
            {%- endfor %}
            {%- if add_generation_prompt %}
                {{- '<|im_start|>assistant\\n' }}
            {%- endif %}
            """;

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final int vocabulary;
    private final BpeTrainer.Merges merges;

    /**
     * @param vocabulary number of tokens, special ones included
     */
    SampleTokenizer(int vocabulary) {
        this.vocabulary = vocabulary;
        Map<String, Long> words = new LinkedHashMap<>();
        SampleWords.weighted(vocabulary)
                .forEach((word, weight) -> words.put(symbols(word), weight));
        this.merges = BpeTrainer.train(alphabet(), words, vocabulary - SPECIAL.size());
    }

    /** The character that stands for each byte, by the map that GPT-2 brought. */
    private static List<String> alphabet() {
        List<String> alphabet = new ArrayList<>();
        int next = 256;
        for (int b = 0; b < 256; b++) {
            boolean visible = (b > ' ' && b < 0x7f) || (b > 0xa0 && b != 0xad);
            alphabet.add(Character.toString(visible ? b : next++));
        }
        return alphabet;
    }

    private static String symbols(String text) {
        List<String> alphabet = alphabet();
        StringBuilder symbols = new StringBuilder();
        for (byte b : text.getBytes(UTF_8)) {
            symbols.append(alphabet.get(b & 0xff));
        }
        return symbols.toString();
    }

    int id(String special) {
        return vocabulary - SPECIAL.size() + SPECIAL.indexOf(special);
    }

    /** Whether a token is a byte that is not a printable ASCII character or a line feed. */
    boolean rawByte(int id) {
        return id < 256 && id != '\n' && (id < ' ' || id > '~');
    }

    ObjectNode tokenizerJson() {
        ObjectNode root = JSON.objectNode();
        root.put("version", "1.0");
        root.putNull("truncation");
        root.putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        SPECIAL.forEach(token -> added.add(addedToken(token)));
        root.putNull("normalizer");
        root.set("pre_tokenizer", byteLevel());
        root.set("post_processor", beginToken());
        root.set("decoder", byteLevel());
        ObjectNode model = root.putObject("model");
        model.put("type", "BPE");
        model.putNull("dropout");
        model.putNull("unk_token");
        model.putNull("continuing_subword_prefix");
        model.putNull("end_of_word_suffix");
        model.put("fuse_unk", false);
        model.put("byte_fallback", false);
        model.put("ignore_merges", false);
        ObjectNode vocab = model.putObject("vocab");
        for (int id = 0; id < merges.tokens().size(); id++) {
            vocab.put(merges.tokens().get(id), id);
        }
        ArrayNode list = model.putArray("merges");
        merges.merges().forEach(list::add);
        return root;
    }

    private ObjectNode addedToken(String token) {
        return JSON.objectNode()
                .put("id", id(token))
                .put("content", token)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", true);
    }

    private static ObjectNode byteLevel() {
        return JSON.objectNode()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", true);
    }

    /** Puts the begin token in front, as Llama's tokenizers do. */
    private ObjectNode beginToken() {
        String begin = SPECIAL.get(0);
        ObjectNode processor = JSON.objectNode().put("type", "TemplateProcessing");
        processor.set("single", template(begin, "A"));
        processor.set("pair", template(begin, "A", "B"));
        ObjectNode token = processor.putObject("special_tokens").putObject(begin);
        token.put("id", begin);
        token.putArray("ids").add(id(begin));
        token.putArray("tokens").add(begin);
        return processor;
    }

    private static ArrayNode template(String begin, String... sequences) {
        ArrayNode parts = JSON.arrayNode();
        parts.addObject().putObject("SpecialToken").put("id", begin).put("type_id", 0);
        for (String sequence : sequences) {
            parts.addObject().putObject("Sequence").put("id", sequence).put("type_id", 0);
        }
        return parts;
    }

    ObjectNode tokenizerConfigJson(int maxPositions) {
        ObjectNode root = JSON.objectNode();
        root.put("tokenizer_class", "PreTrainedTokenizerFast");
        root.setAll(specialTokensJson());
        root.put("clean_up_tokenization_spaces", false);
        root.put("model_max_length", maxPositions);
        root.put("chat_template", CHAT_TEMPLATE);
        return root;
    }

    ObjectNode specialTokensJson() {
        return JSON.objectNode()
                .put("bos_token", "<|begin_of_text|>")
                .put("eos_token", "<|im_end|>")
                .put("pad_token", "<|end_of_text|>");
    }
}
