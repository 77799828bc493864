package io.hfx.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.simulator.scenario.Load;
import io.hfx.simulator.scenario.Objectives;
import io.hfx.simulator.scenario.Scenario;
import io.hfx.simulator.scenario.Scenarios;
import io.hfx.simulator.workload.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The simulated scenario {@code demo} repeats what {@code hfx demo} sends to its servers. */
class DemoScenarioTest {
    private static final Scenario SCENARIO = Scenarios.find("demo", Map.of());

    @Test
    void classesAreTheSame() {
        List<Objectives.Own> own = Objects.requireNonNull(SCENARIO.slo().classes());
        List<SloClass> simulated = own.stream().map(Objectives.Own::sloClass).toList();

        assertEquals(DemoMix.load().classes().all(), simulated);
        assertEquals(1, SCENARIO.slo().scale());
    }

    @Test
    void theMixIsTheSame() throws IOException {
        List<Shape.Range> demo;
        try (InputStream in = DemoMix.class.getResourceAsStream("mix.json")) {
            demo = List.of(new JsonMapper().readValue(in, Shape.Range[].class));
        }

        assertEquals(demo, SCENARIO.load().mix().stream().map(DemoScenarioTest::range).toList());
        assertEquals(1, SCENARIO.load().lengthScale());
        assertEquals(0, SCENARIO.load().maxTokens(), "clients ask for what they get");
    }

    private static Shape.Range range(Load.Part part) {
        List<Integer> prompt = Objects.requireNonNull(part.promptTokens());
        List<Integer> output = Objects.requireNonNull(part.outputTokens());
        return new Shape.Range(
                part.sloClass(),
                part.share(),
                prompt.get(0),
                prompt.get(1),
                output.get(0),
                output.get(1));
    }
}
