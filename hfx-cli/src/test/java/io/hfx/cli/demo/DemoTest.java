package io.hfx.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hfx.cli.UserError;
import io.hfx.cli.process.Program;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DemoTest {
    @TempDir private Path folder;

    @Test
    void everyPolicyGetsTheSameLoadOnAServerOfItsOwn() throws Exception {
        DemoReport report = demo("fcfs", "refuse").run();
        JsonNode json = new JsonMapper().readTree(report.json());

        JsonNode fcfs = json.at("/policies/fcfs");
        JsonNode refuse = json.at("/policies/refuse");
        assertTrue(json.at("/capacity_per_second").asDouble() > 0);
        assertEquals(3, json.at("/capacity_runs_per_second").size());
        assertEquals(fcfs.at("/total/requests"), refuse.at("/total/requests"));
        assertTrue(fcfs.at("/attainment").asDouble() > 0);
        assertEquals(0, refuse.at("/attainment").asDouble());
        assertEquals(0, refuse.at("/classes/chat/attainment").asDouble());
        assertEquals(refuse.at("/total/requests"), refuse.at("/total/reasons/http-429"));
        assertTrue(report.table().contains("fcfs"), report.table());
        assertTrue(Files.exists(folder.resolve("model").resolve("config.json")));
        assertNoChildren();
    }

    @Test
    void aServerThatDoesNotStartIsSaidAndLeavesNothing() throws Exception {
        UserError e = assertThrows(UserError.class, () -> demo("broken").run());

        assertTrue(e.getMessage().contains("serve-broken.log"), e.getMessage());
        assertNoChildren();
    }

    @Test
    void theMixUsesTheClassesOfItsFile() {
        DemoMix mix = DemoMix.load();

        assertEquals(
                List.of("chat", "code", "report"),
                mix.classes().all().stream().map(c -> c.name()).toList());
        assertTrue(mix.shape().totalTokensP99() <= 1600);
    }

    private Demo demo(String... policies) {
        DemoPlan plan =
                new DemoPlan(
                        List.of(policies),
                        0.5,
                        0.5,
                        0,
                        1,
                        folder.resolve("model"),
                        folder.resolve("work"),
                        10,
                        0.3,
                        0.6);
        return new Demo(
                plan,
                Program.ofThisProcess(FakeServe.class.getName()),
                new PrintWriter(Writer.nullWriter()));
    }

    private static void assertNoChildren() {
        List<ProcessHandle> left =
                ProcessHandle.current().children().filter(ProcessHandle::isAlive).toList();
        assertEquals(List.of(), left);
    }
}
