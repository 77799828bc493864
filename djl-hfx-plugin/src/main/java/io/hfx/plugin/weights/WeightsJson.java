package io.hfx.plugin.weights;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.plugin.weights.WeightStatus.Held;
import io.hfx.plugin.weights.WeightStatus.Phase;
import io.hfx.plugin.weights.WeightStatus.Seeding;
import io.hfx.plugin.weights.WeightStatus.Throttling;
import io.hfx.plugin.weights.WeightStatus.Transfer;
import io.hfx.plugin.weights.WeightStatus.View;
import java.util.Map;

/** Writes {@code GET /hfx/weights}; docs/d2d.md describes it. */
public final class WeightsJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private WeightsJson() {}

    /**
     * The page of a server.
     *
     * @param models by name
     */
    public static String of(Map<String, WeightStatus> models) {
        ObjectNode root = JSON.createObjectNode();
        ArrayNode list = root.putArray("models");
        models.forEach((name, status) -> model(list.addObject().put("model", name), status.view()));
        return root.toString();
    }

    private static void model(ObjectNode node, View view) {
        Held held = view.held();
        if (held != null) {
            node.putObject("held")
                    .put("source", held.source().text())
                    .put("seed", held.seed() == null ? null : held.seed().toString())
                    .put("model_hash", held.modelHash())
                    .put("bytes", held.bytes())
                    .put("packed", view.packed());
        }
        Transfer transfer = view.transfer();
        if (transfer != null) {
            node.putObject("transfer")
                    .put("source", transfer.source().text())
                    .put("seed", transfer.seed().toString())
                    .put("good_bytes", transfer.goodBytes())
                    .put("total_bytes", transfer.totalBytes())
                    .put("bytes_per_second", Math.round(transfer.bytesPerSecond()))
                    .put("awaited", transfer.awaited());
        }
        Seeding seeding = view.seeding();
        if (seeding != null) {
            ObjectNode its = node.putObject("seed");
            its.put("address", seeding.address().toString())
                    .put("attachable", seeding.attachable())
                    .put("attached", seeding.attached())
                    .put("links", seeding.links())
                    .put("sent_bytes", seeding.sentBytes())
                    .put("bytes_per_second", Math.round(view.sendingBytesPerSecond()))
                    .put("refused_links", seeding.refusedLinks());
            Throttling throttling = seeding.throttling();
            if (throttling != null) {
                its.putObject("throttle")
                        .put("tolerated", throttling.tolerated())
                        .put("slowdown", throttling.slowdown())
                        .put("allowed_bytes_per_second", throttling.allowedBytesPerSecond())
                        .put("cuts", throttling.cuts());
            }
        }
        ArrayNode fallBacks = node.putArray("fall_backs");
        view.fallBacks().forEach(fallBacks::add);
        ObjectNode start = node.putObject("start_ms");
        for (Phase phase : Phase.values()) {
            Long nanos = view.phaseNanos().get(phase);
            if (nanos != null) {
                start.put(phase.label(), nanos / 1e6);
            }
        }
    }
}
