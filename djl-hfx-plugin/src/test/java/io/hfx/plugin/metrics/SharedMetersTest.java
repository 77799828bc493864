package io.hfx.plugin.metrics;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.testing.FakeModelService;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.scheduler.slo.SloScore;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Models of both kinds in one server. */
class SharedMetersTest {
    @Test
    void tokenLevelAndWholeRequestModelsShareAScrape() {
        try (Meters meters = new Meters()) {
            QueueMeters queues = new QueueMeters(meters);
            ModelFigures whole = queues.add("whole", Map::of);
            SloClass chat = QueueMetersTest.within("chat", 10);
            whole.of(chat).finished(chat.slo(), 1);
            whole.of(chat).refused(chat.slo(), "queue-full");
            ServerMetrics one = new ServerMetrics(meters, "one", () -> 7);
            ServerMetrics two = new ServerMetrics(meters, "two", () -> 0);
            Scrape scrapeOfOne = new Scrape(one, new FakeModelService());
            Scrape scrapeOfTwo = new Scrape(two, new FakeModelService());
            one.finished(chat, SloScore.ofWhole(chat.slo(), 1), 1);
            one.refused(chat, "queue-full");
            two.failed(chat);
            String text = Objects.requireNonNull(meters.scrape());
            for (String model : new String[] {"whole", "one"}) {
                String label = "model_name=\"" + model + "\"";
                for (String line :
                        new String[] {
                            "hfx_slo_met_total{mode=\"mean\"," + label + ",slo_class=\"chat\"} 1.0",
                            "hfx_slo_requests_total{mode=\"mean\","
                                    + label
                                    + ",slo_class=\"chat\"} 2.0",
                            "hfx_refused_requests_total{"
                                    + label
                                    + ",reason=\"queue-full\",slo_class=\"chat\"} 1.0",
                            "hfx_requests_total{"
                                    + label
                                    + ",outcome=\"refused\",slo_class=\"chat\"} 1.0"
                        }) {
                    assertTrue(text.contains(line + "\n"), line + " is not in\n" + text);
                }
            }
            assertTrue(text.contains("hfx_requests_in_flight{model_name=\"one\"} 7.0\n"), text);
            assertTrue(text.contains("hfx_worker_ready{model_name=\"two\",worker=\"0\"}"), text);

            scrapeOfOne.close();
            one.close();
            text = Objects.requireNonNull(meters.scrape());
            assertFalse(text.contains("model_name=\"one\""), text);
            assertTrue(text.contains("model_name=\"two\""), text);
            scrapeOfTwo.close();
            two.close();
            queues.remove(whole);
            assertFalse(Objects.requireNonNull(meters.scrape()).contains("model_name"));
            assertTrue(
                    meters.registry().getMeters().stream()
                            .allMatch(meter -> meter.getId().getTag(Meters.MODEL) == null));
        }
    }
}
