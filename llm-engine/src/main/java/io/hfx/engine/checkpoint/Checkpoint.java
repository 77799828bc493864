package io.hfx.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An open Hugging Face checkpoint directory: {@code config.json} and {@code model.safetensors}, or
 * the shards that {@code model.safetensors.index.json} names. On opening, every tensor of the model
 * is found with its shape, or one message tells which are missing, unknown or of another shape.
 *
 * <p>Any number of threads may read; the owner closes it.
 */
public final class Checkpoint implements AutoCloseable {
    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final int MAX_PROBLEMS_SHOWN = 5;

    /** Buffers that old checkpoints carry, and that are computed instead. */
    private static final Pattern COMPUTED =
            Pattern.compile("model\\.layers\\.\\d+\\.self_attn\\.rotary_emb\\.inv_freq");

    private record Place(SafetensorsFile file, SafetensorsFile.Entry entry) {}

    private final ModelConfig config;
    private final List<TensorSpec> tensors;
    private final Collection<SafetensorsFile> files;
    private final Map<String, Place> places;

    private Checkpoint(
            ModelConfig config, Collection<SafetensorsFile> files, Map<String, Place> places) {
        this.config = config;
        this.tensors = TensorSpec.of(config);
        this.files = files;
        this.places = places;
    }

    /**
     * Opens a checkpoint and checks all but the tensors' values.
     *
     * @throws CheckpointException naming the file and the field or tensor at fault
     */
    public static Checkpoint open(Path dir) {
        if (!Files.isDirectory(dir)) {
            throw new CheckpointException(dir + ": no such directory");
        }
        ModelConfig config = ModelConfig.read(dir);
        Map<String, SafetensorsFile> files = new LinkedHashMap<>();
        boolean complete = false;
        try {
            Map<String, Place> places =
                    Files.isRegularFile(dir.resolve(SINGLE))
                            ? single(dir, files)
                            : sharded(dir, files);
            Checkpoint checkpoint = new Checkpoint(config, files.values(), places);
            checkpoint.checkTensors(dir);
            complete = true;
            return checkpoint;
        } finally {
            if (!complete) {
                files.values().forEach(SafetensorsFile::close);
            }
        }
    }

    private static Map<String, Place> single(Path dir, Map<String, SafetensorsFile> files) {
        SafetensorsFile file = SafetensorsFile.open(dir.resolve(SINGLE));
        files.put(SINGLE, file);
        Map<String, Place> places = new LinkedHashMap<>();
        file.entries().forEach((name, entry) -> places.put(name, new Place(file, entry)));
        return places;
    }

    private static Map<String, Place> sharded(Path dir, Map<String, SafetensorsFile> files) {
        Path index = dir.resolve(INDEX);
        if (!Files.isRegularFile(index)) {
            throw new CheckpointException(dir + ": has neither " + SINGLE + " nor " + INDEX);
        }
        JsonFile json = JsonFile.read(index);
        if (!(json.get("weight_map") instanceof ObjectNode weightMap)) {
            throw new CheckpointException(
                    index + ": field weight_map must be an object of tensor name to file name");
        }
        Map<String, Place> places = new LinkedHashMap<>();
        weightMap
                .properties()
                .forEach(
                        e -> {
                            String shard = shardName(index, e.getKey(), e.getValue());
                            SafetensorsFile file =
                                    files.computeIfAbsent(shard, s -> openShard(dir, index, s));
                            places.put(e.getKey(), place(index, e.getKey(), file));
                        });
        return places;
    }

    /** A plain file name, so that an index cannot lead out of its directory. */
    private static String shardName(Path index, String tensor, JsonNode node) {
        String name = node.asText();
        if (!node.isTextual() || !name.matches("[A-Za-z0-9_][A-Za-z0-9._-]*\\.safetensors")) {
            throw new CheckpointException(
                    String.format(
                            "%s: weight_map of %s is %s; allowed: a plain file name that ends in"
                                    + " .safetensors",
                            index, tensor, node));
        }
        return name;
    }

    private static SafetensorsFile openShard(Path dir, Path index, String shard) {
        if (!Files.isRegularFile(dir.resolve(shard))) {
            throw new CheckpointException(index + ": names " + shard + ", which does not exist");
        }
        return SafetensorsFile.open(dir.resolve(shard));
    }

    private static Place place(Path index, String tensor, SafetensorsFile file) {
        SafetensorsFile.Entry entry = file.entries().get(tensor);
        if (entry == null) {
            throw new CheckpointException(
                    index + ": says that " + tensor + " is in " + file.path() + ", but it is not");
        }
        return new Place(file, entry);
    }

    private void checkTensors(Path dir) {
        List<String> problems = new ArrayList<>();
        TreeSet<String> unknown = new TreeSet<>(places.keySet());
        for (TensorSpec spec : tensors) {
            unknown.remove(spec.name());
            String problem = problem(spec, places.get(spec.name()));
            if (problem != null) {
                problems.add(problem);
            }
        }
        unknown.removeIf(name -> COMPUTED.matcher(name).matches());
        if (config.tiedEmbeddings()) {
            unknown.remove(TensorSpec.HEAD);
        }
        String model = " is not part of this " + config.family().title() + " model";
        unknown.forEach(name -> problems.add("tensor " + name + model));
        if (!problems.isEmpty()) {
            int more = problems.size() - MAX_PROBLEMS_SHOWN;
            throw new CheckpointException(
                    dir
                            + ": "
                            + String.join(
                                    "; ",
                                    problems.subList(
                                            0, Math.min(MAX_PROBLEMS_SHOWN, problems.size())))
                            + (more > 0 ? "; and " + more + " more" : ""));
        }
    }

    private static @Nullable String problem(TensorSpec expected, @Nullable Place place) {
        if (place == null) {
            return "tensor " + expected.name() + " is missing, expected shape " + expected.shape();
        }
        List<Long> found = place.entry().spec().shape();
        return found.equals(expected.shape())
                ? null
                : String.format(
                        "tensor %s has shape %s, expected %s",
                        expected.name(), found, expected.shape());
    }

    public ModelConfig config() {
        return config;
    }

    /** The model's tensors in the order of {@link TensorSpec#of}; a tied head is not one. */
    public List<TensorSpec> tensors() {
        return tensors;
    }

    /** Element type in which a tensor is stored. */
    public DType dtype(String tensor) {
        return place(tensor).entry().dtype();
    }

    /**
     * Reads a tensor as F32, in order, piece by piece.
     *
     * @param pieceElements elements per call of the sink; the last piece may be shorter
     * @param digest is given the bytes as stored
     */
    public void read(
            String tensor,
            int pieceElements,
            MessageDigest digest,
            SafetensorsFile.FloatSink sink) {
        Place place = place(tensor);
        place.file().read(place.entry(), pieceElements, digest, sink);
    }

    /** The first values of a tensor as F32, at most {@code elements}. */
    public float[] head(String tensor, int elements) {
        Place place = place(tensor);
        return place.file().head(place.entry(), elements);
    }

    private Place place(String tensor) {
        Place place = places.get(tensor);
        if (place == null) {
            throw new IllegalArgumentException("no tensor " + tensor);
        }
        return place;
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
