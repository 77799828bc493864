package io.hfx.engine.sample;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.checkpoint.TensorSpec;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes a Hugging Face checkpoint directory of a small model with seeded weights, a tokenizer and
 * a chat template: offline, within seconds, and equal to the byte for the same form, size and seed
 * on every machine. It speaks nonsense, but costs what a trained model of its shape costs.
 *
 * <p>Weights are BF16: half the bytes of F32, and since F32 holds them exactly, every executor and
 * reference computes with the same values.
 */
public final class SampleModel {
    /** What is written, config.json last: without it a directory is no checkpoint. */
    public static final List<String> FILES =
            List.of(
                    "tokenizer.json",
                    "tokenizer_config.json",
                    "special_tokens_map.json",
                    "generation_config.json",
                    "model.safetensors",
                    "config.json");

    /** Shapes of sample models; grouped queries with four or two queries per key. */
    public enum Size {
        /** About a quarter of a million parameters, for tests of the forms. */
        MICRO(4, 64, 4, 16, 160, 600, 512),
        /** About 3 million parameters, for tests. */
        TINY(4, 256, 4, 64, 448, 2000, 2048),
        /** About 33 million parameters, for demonstrations. */
        SMALL(6, 512, 8, 64, 1408, 16_000, 2048),
        /** About 110 million parameters, for benchmarks. */
        BASE(10, 768, 12, 64, 2048, 32_000, 4096);

        final int layers;
        final int hidden;
        final int heads;
        final int headDim;
        final int intermediate;
        final int vocabulary;
        final int maxPositions;

        Size(
                int layers,
                int hidden,
                int heads,
                int headDim,
                int intermediate,
                int vocabulary,
                int maxPositions) {
            this.layers = layers;
            this.hidden = hidden;
            this.heads = heads;
            this.headDim = headDim;
            this.intermediate = intermediate;
            this.vocabulary = vocabulary;
            this.maxPositions = maxPositions;
        }

        int kvHeads() {
            return heads % 4 == 0 && heads > 4 ? heads / 4 : heads / 2;
        }
    }

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private SampleModel() {}

    /** Writes a Llama model, see {@link #create(SampleForm, Size, Path, long)}. */
    public static void create(Size size, Path out, long seed) throws IOException {
        create(SampleForm.LLAMA, size, out, seed);
    }

    /**
     * Writes a model.
     *
     * @param out is made if needed
     * @throws FileAlreadyExistsException if one of {@link #FILES} is there already
     */
    public static void create(SampleForm form, Size size, Path out, long seed) throws IOException {
        Files.createDirectories(out);
        for (String file : FILES) {
            if (Files.exists(out.resolve(file))) {
                throw new FileAlreadyExistsException(out.resolve(file).toString());
            }
        }
        ModelConfig config = form.config(size);
        SampleTokenizer tokenizer = new SampleTokenizer(config.vocabulary());
        Files.write(
                out.resolve("tokenizer.json"), MAPPER.writeValueAsBytes(tokenizer.tokenizerJson()));
        write(
                out.resolve("tokenizer_config.json"),
                tokenizer.tokenizerConfigJson(config.maxPositions()));
        write(out.resolve("special_tokens_map.json"), tokenizer.specialTokensJson());
        write(out.resolve("generation_config.json"), generationJson(config));
        SampleWeights weights = new SampleWeights(tokenizer, config.tiedEmbeddings(), seed);
        SafetensorsWriter.write(
                out.resolve("model.safetensors"), TensorSpec.of(config), weights::fill);
        write(out.resolve("config.json"), form.configJson(size));
    }

    private static void write(Path file, ObjectNode json) throws IOException {
        DefaultPrettyPrinter printer =
                new DefaultPrettyPrinter()
                        .withObjectIndenter(new DefaultIndenter("  ", "\n"))
                        .withArrayIndenter(new DefaultIndenter("  ", "\n"));
        Files.writeString(file, MAPPER.writer(printer).writeValueAsString(json) + '\n');
    }

    private static ObjectNode generationJson(ModelConfig config) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("bos_token_id", config.bosTokenId());
        config.eosTokenIds().forEach(json.putArray("eos_token_id")::add);
        json.put("pad_token_id", config.bosTokenId() + 1);
        json.put("do_sample", false);
        return json;
    }
}
