package io.hfx.engine.weights;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Splits a checkpoint's single safetensors file in two shards with an index. */
final class ShardedCopy {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private ShardedCopy() {}

    static Path of(Path from, Path to) throws IOException {
        Files.copy(from.resolve("config.json"), to.resolve("config.json"));
        ByteBuffer file =
                ByteBuffer.wrap(Files.readAllBytes(from.resolve("model.safetensors")))
                        .order(ByteOrder.LITTLE_ENDIAN);
        int headerBytes = (int) file.getLong(0);
        JsonNode header = MAPPER.readTree(new String(file.array(), 8, headerBytes, UTF_8));
        ObjectNode index = MAPPER.createObjectNode();
        ObjectNode weightMap = index.putObject("weight_map");
        for (int shard = 0; shard < 2; shard++) {
            String name = "model-0000" + (shard + 1) + "-of-00002.safetensors";
            ObjectNode part = MAPPER.createObjectNode();
            ByteBuffer data = ByteBuffer.allocate(file.capacity());
            int number = 0;
            for (Map.Entry<String, JsonNode> entry : header.properties()) {
                if (!entry.getValue().has("dtype") || number++ % 2 != shard) {
                    continue;
                }
                weightMap.put(entry.getKey(), name);
                int begin = entry.getValue().path("data_offsets").get(0).asInt();
                int end = entry.getValue().path("data_offsets").get(1).asInt();
                ObjectNode copy = entry.getValue().deepCopy();
                copy.putArray("data_offsets")
                        .add(data.position())
                        .add(data.position() + end - begin);
                part.set(entry.getKey(), copy);
                data.put(file.array(), 8 + headerBytes + begin, end - begin);
            }
            byte[] json = part.toString().getBytes(UTF_8);
            ByteBuffer out =
                    ByteBuffer.allocate(8 + json.length + data.position())
                            .order(ByteOrder.LITTLE_ENDIAN);
            out.putLong(json.length).put(json).put(data.flip());
            Files.write(to.resolve(name), out.array());
        }
        Files.writeString(to.resolve("model.safetensors.index.json"), index.toString());
        return to;
    }
}
