package io.hfx.plugin.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QueueMetersTest {
    private static final long MS = 1_000_000;
    private static final LatencyModel LATENCY = new LatencyModel(1, 1, 0, 0, 0, 0, 0);

    private final Meters meters = new Meters();
    private final QueueMeters queues = new QueueMeters(meters);
    private final Map<String, QueueLevel> waiting = new HashMap<>();

    @AfterEach
    void close() {
        meters.close();
    }

    static SloClass within(String name, long millis) {
        return new SloClass(name, new Slo(Slo.NONE, Slo.NONE, millis * MS), OnMiss.REJECT, 1);
    }

    private String scrape() {
        return Objects.requireNonNull(meters.scrape());
    }

    private void shows(String line) {
        String scrape = scrape();
        assertTrue(scrape.contains(line + "\n"), line + " is not in\n" + scrape);
    }

    @Test
    void attainmentCountsWhatSloScoreSays() {
        ModelFigures model = queues.add("m", () -> waiting);
        SloClass tight = within("tight", 100);
        ClassFigures of = model.of(tight);
        assertTrue(of.finished(tight.slo(), 100 * MS).e2e());
        assertFalse(of.finished(tight.slo(), 100 * MS + 1).e2e());
        of.refused(tight.slo(), "queue-full");
        of.failed(tight.slo());
        of.aborted();
        ClassFigures none = model.of(SloClass.BEST_EFFORT);
        none.finished(SloClass.BEST_EFFORT.slo(), 5);
        none.refused(SloClass.BEST_EFFORT.slo(), "queue-full");
        shows("hfx_slo_requests_total{mode=\"mean\",model_name=\"m\",slo_class=\"tight\"} 4.0");
        shows("hfx_slo_met_total{mode=\"tail\",model_name=\"m\",slo_class=\"tight\"} 1.0");
        shows(
                "hfx_slo_requests_total{mode=\"mean\",model_name=\"m\",slo_class=\"best-effort\"} 0.0");
        shows("hfx_requests_total{model_name=\"m\",outcome=\"finished\",slo_class=\"tight\"} 2.0");
        shows("hfx_requests_total{model_name=\"m\",outcome=\"refused\",slo_class=\"tight\"} 1.0");
        shows("hfx_requests_total{model_name=\"m\",outcome=\"failed\",slo_class=\"tight\"} 1.0");
        shows("hfx_requests_total{model_name=\"m\",outcome=\"aborted\",slo_class=\"tight\"} 1.0");
        shows(
                "hfx_refused_requests_total{model_name=\"m\",reason=\"queue-full\","
                        + "slo_class=\"best-effort\"} 1.0");
    }

    @Test
    void errorAndBiasOfThePredictionCanBeRead() {
        BatchFigures batches = queues.add("m", () -> waiting).batches();
        batches.ended(4, 100 * MS, 80 * MS, LATENCY);
        batches.ended(2, 10 * MS, 40 * MS, LATENCY);
        shows("hfx_batch_predicted_seconds_total{model_name=\"m\"} 0.11");
        shows("hfx_batch_error_seconds_total{model_name=\"m\"} 0.05");
        shows("hfx_batch_seconds_sum{model_name=\"m\"} 0.12");
        shows("hfx_batch_requests_sum{model_name=\"m\"} 6.0");
        shows("hfx_batch_requests_bucket{model_name=\"m\",le=\"2.0\"} 1");
    }

    @Test
    void theQueueIsLookedAtForEveryScrape() {
        queues.add("m", () -> waiting);
        waiting.put("tight", new QueueLevel(3, 250 * MS));
        shows("hfx_queue_requests{model_name=\"m\",slo_class=\"tight\"} 3.0");
        shows("hfx_queue_oldest_seconds{model_name=\"m\",slo_class=\"tight\"} 0.25");
        waiting.clear();
        shows("hfx_queue_requests{model_name=\"m\",slo_class=\"tight\"} 0.0");
        shows("hfx_queue_oldest_seconds{model_name=\"m\",slo_class=\"tight\"} 0.0");
    }

    @Test
    void aModelThatIsGoneLeavesNothing() {
        for (int i = 0; i < 3 * QueueMeters.MOST_MODELS; i++) {
            ModelFigures model = queues.add("m" + i, () -> waiting);
            model.of(within("tight", 1)).refused(Slo.BEST_EFFORT, "queue-full");
            assertTrue(scrape().contains("model_name=\"m" + i + "\""), "its place is free again");
            queues.remove(model);
            model.of(within("late", 1)).aborted();
            model.of(within("tight", 1)).refused(Slo.BEST_EFFORT, "unregistered");
        }
        assertFalse(scrape().contains("model_name"));
        assertTrue(
                meters.registry().getMeters().stream()
                        .allMatch(meter -> meter.getId().getTag(Meters.MODEL) == null));
    }

    @Test
    void versionsOfAModelShareItsMeters() {
        ModelFigures one = queues.add("m", () -> Map.of("a", new QueueLevel(1, 5 * MS)));
        ModelFigures two = queues.add("m", () -> Map.of("a", new QueueLevel(2, 4 * MS)));
        shows("hfx_queue_requests{model_name=\"m\",slo_class=\"a\"} 3.0");
        shows("hfx_queue_oldest_seconds{model_name=\"m\",slo_class=\"a\"} 0.005");
        one.of(within("a", 1)).aborted();
        two.of(within("a", 1)).aborted();
        shows("hfx_requests_total{model_name=\"m\",outcome=\"aborted\",slo_class=\"a\"} 2.0");
        queues.remove(one);
        shows("hfx_requests_total{model_name=\"m\",outcome=\"aborted\",slo_class=\"a\"} 1.0");
    }

    @Test
    void thereAreNeverMoreLabelsThanTheBounds() {
        for (int i = 0; i < QueueMeters.MOST_MODELS + 50; i++) {
            queues.add("m" + i, () -> waiting).of(within("a", 1)).aborted();
        }
        shows("hfx_requests_total{model_name=\"other\",outcome=\"aborted\",slo_class=\"a\"} 50.0");
        ModelFigures model = queues.add("m0", () -> waiting);
        for (int i = 0; i < 100; i++) {
            model.of(within("c" + i, 1)).aborted();
        }
        assertEquals(QueueMeters.MOST_CLASSES, model.classes().size());
        int rest = 100 - (QueueMeters.MOST_CLASSES - 1);
        assertEquals(rest, model.classes().get("other").abortedCount());
        ClassFigures of = model.of(within("a", 1));
        for (int i = 0; i < 100; i++) {
            of.refused(Slo.BEST_EFFORT, "reason" + i);
        }
        assertTrue(of.refusedCounts().size() <= 17, of.refusedCounts().toString());
    }
}
