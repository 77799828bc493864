package io.hfx.engine.identity;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.sample.SampleModel;
import io.hfx.engine.weights.WeightImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Small random models that are the same bytes everywhere, one per variant of the architecture.
 * Their scales make attention sharp and its output as large as the rest, so that a wrong key or
 * value shows in the tokens.
 *
 * @param tensors direct, native-order buffers by Hugging Face name
 */
public record MicroModel(String name, ModelConfig config, Map<String, ByteBuffer> tensors) {
    /** Name in the reference of the tiny sample model of this seed. */
    static final String SAMPLE = "sample-tiny";

    static final long SAMPLE_SEED = 1;

    private static final double QUERY_KEY_GAIN = 2.0;
    private static final double EMBED_SCALE = 0.4;

    /** Every variant. */
    public static List<MicroModel> all() {
        return List.of(
                make("gqa", 1, 4, 128, 8, 2, 16, 256, 2048, false),
                make("mha", 2, 2, 64, 4, 4, 16, 96, 512, false),
                make("mqa", 3, 3, 64, 4, 1, 16, 160, 512, false),
                make("tied", 4, 2, 64, 4, 2, 16, 128, 512, true),
                make("head-dim", 5, 2, 64, 4, 2, 32, 128, 512, false));
    }

    public static MicroModel named(String name) {
        return all().stream().filter(m -> m.name.equals(name)).findFirst().orElseThrow();
    }

    public FloatBuffer tensor(String tensorName) {
        ByteBuffer bytes = tensors.get(tensorName);
        if (bytes == null) {
            throw new IllegalArgumentException("no tensor " + tensorName);
        }
        return bytes.duplicate().order(ByteOrder.nativeOrder()).asFloatBuffer();
    }

    /** SHA-256 over names and values in order. */
    public String sha256() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            tensors.forEach(
                    (tensorName, bytes) -> {
                        digest.update(tensorName.getBytes(StandardCharsets.UTF_8));
                        digest.update(bytes.duplicate());
                    });
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Writes these models and the tiny sample model below a folder, each as a checkpoint, for the
     * reference script.
     */
    public static void main(String[] args) throws IOException {
        for (MicroModel model : all()) {
            model.write(Path.of(args[0]).resolve(model.name));
        }
        Path sample = Path.of(args[0]).resolve(SAMPLE);
        SampleModel.create(SampleModel.Size.TINY, sample, SAMPLE_SEED);
        try (WeightImage image = WeightImage.load(sample)) {
            Files.writeString(sample.resolve("sha256"), image.modelHash());
        }
    }

    /** Writes a checkpoint directory: config.json, model.safetensors and the SHA-256. */
    public void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        ObjectMapper json = new ObjectMapper();
        json.writeValue(folder.resolve("config.json").toFile(), configJson(json));
        ObjectNode header = json.createObjectNode();
        long offset = 0;
        for (Map.Entry<String, ByteBuffer> entry : tensors.entrySet()) {
            ObjectNode tensor = header.putObject(entry.getKey());
            tensor.put("dtype", "F32");
            for (long dim : shape(config, entry.getKey())) {
                tensor.withArray("shape").add(dim);
            }
            long end = offset + entry.getValue().remaining();
            tensor.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] text = json.writeValueAsBytes(header);
        try (OutputStream out = Files.newOutputStream(folder.resolve("model.safetensors"))) {
            out.write(
                    ByteBuffer.allocate(Long.BYTES)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(text.length)
                            .array());
            out.write(text);
            for (ByteBuffer tensor : tensors.values()) {
                byte[] bytes = new byte[tensor.remaining()];
                tensor.duplicate().get(bytes);
                out.write(bytes);
            }
        }
        Files.writeString(folder.resolve("sha256"), sha256());
    }

    private ObjectNode configJson(ObjectMapper json) {
        return json.createObjectNode()
                .put("model_type", "llama")
                .put("num_hidden_layers", config.layers())
                .put("hidden_size", config.hidden())
                .put("num_attention_heads", config.heads())
                .put("num_key_value_heads", config.kvHeads())
                .put("head_dim", config.headDim())
                .put("intermediate_size", config.intermediate())
                .put("vocab_size", config.vocabulary())
                .put("max_position_embeddings", config.maxPositions())
                .put("rope_theta", config.ropeTheta())
                .put("rms_norm_eps", config.rmsNormEps())
                .put("tie_word_embeddings", config.tiedEmbeddings())
                .put("hidden_act", "silu");
    }

    private static MicroModel make(
            String name,
            long seed,
            int layers,
            int hidden,
            int heads,
            int kvHeads,
            int headDim,
            int intermediate,
            int vocabulary,
            boolean tied) {
        // The variant with its own head width also has the longer base of newer models.
        double ropeTheta = heads * headDim == hidden ? 10_000 : 500_000;
        ModelConfig config =
                new ModelConfig(
                        "llama",
                        layers,
                        hidden,
                        heads,
                        kvHeads,
                        headDim,
                        intermediate,
                        vocabulary,
                        2048,
                        ropeTheta,
                        1e-5,
                        tied,
                        -1,
                        List.of());
        Map<String, ByteBuffer> tensors = new LinkedHashMap<>();
        SplittableRandom random = new SplittableRandom(seed);
        for (String tensor : names(config)) {
            tensors.put(tensor, values(random, tensor, shape(config, tensor)));
        }
        return new MicroModel(name, config, tensors);
    }

    private static List<String> names(ModelConfig config) {
        List<String> names = new ArrayList<>(List.of("model.embed_tokens.weight"));
        for (int layer = 0; layer < config.layers(); layer++) {
            for (String module :
                    List.of(
                            "input_layernorm",
                            "self_attn.q_proj",
                            "self_attn.k_proj",
                            "self_attn.v_proj",
                            "self_attn.o_proj",
                            "post_attention_layernorm",
                            "mlp.gate_proj",
                            "mlp.up_proj",
                            "mlp.down_proj")) {
                names.add("model.layers." + layer + "." + module + ".weight");
            }
        }
        names.add("model.norm.weight");
        if (!config.tiedEmbeddings()) {
            names.add("lm_head.weight");
        }
        return names;
    }

    private static long[] shape(ModelConfig config, String tensor) {
        List<String> parts = List.of(tensor.split("\\.", -1));
        long hidden = config.hidden();
        long attention = (long) config.heads() * config.headDim();
        long kv = (long) config.kvHeads() * config.headDim();
        return switch (parts.get(parts.size() - 2)) {
            case "embed_tokens", "lm_head" -> new long[] {config.vocabulary(), hidden};
            case "q_proj" -> new long[] {attention, hidden};
            case "k_proj", "v_proj" -> new long[] {kv, hidden};
            case "o_proj" -> new long[] {hidden, attention};
            case "gate_proj", "up_proj" -> new long[] {config.intermediate(), hidden};
            case "down_proj" -> new long[] {hidden, config.intermediate()};
            default -> new long[] {hidden};
        };
    }

    /** Uniform values of a standard deviation that suits the tensor; norms lie around one. */
    private static ByteBuffer values(SplittableRandom random, String tensor, long[] shape) {
        long count = shape.length == 1 ? shape[0] : shape[0] * shape[1];
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(Math.toIntExact(count * Float.BYTES))
                        .order(ByteOrder.nativeOrder());
        double deviation = deviation(tensor, shape);
        double mean = shape.length == 1 ? 1 : 0;
        for (long i = 0; i < count; i++) {
            double uniform = (random.nextDouble() * 2 - 1) * Math.sqrt(3);
            bytes.putFloat((float) (mean + uniform * deviation));
        }
        return bytes.flip();
    }

    private static double deviation(String tensor, long[] shape) {
        if (shape.length == 1) {
            return 0.1;
        }
        double unit = 1 / Math.sqrt((double) shape[1]);
        if (tensor.contains("embed_tokens")) {
            return EMBED_SCALE;
        }
        if (tensor.contains("q_proj") || tensor.contains("k_proj")) {
            return QUERY_KEY_GAIN * unit;
        }
        return tensor.contains("lm_head") ? 4 * unit : 2 * unit;
    }
}
