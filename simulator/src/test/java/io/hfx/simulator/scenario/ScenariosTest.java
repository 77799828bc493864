package io.hfx.simulator.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.latency.StepShape;
import io.hfx.simulator.fleet.SimRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class ScenariosTest {
    @TempDir Path folder;

    @SuppressWarnings("UnusedVariable") // a source of arguments
    private static final List<String> NAMES = Scenarios.BUILT_IN;

    @ParameterizedTest
    @FieldSource("NAMES")
    void builtInScenariosAreWholeAndSurviveTheirOwnJson(String name) {
        Scenario scenario = Scenarios.find(name, Map.of());

        assertEquals(name, scenario.name());
        assertTrue(scenario.about().length() > 10, scenario.about());
        assertEquals(scenario, Scenarios.with(scenario, Map.of()));
        if (!scenario.load().mix().isEmpty()) {
            Iterator<SimRequest> requests = new Setup(scenario, null).requests(10, 60, 1);
            assertTrue(requests.hasNext());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{|s.json: Unexpected end-of-input",
                "[]|must be a JSON object",
                "{\"fleet\": {\"worker\": 3}}|Unrecognized field \"worker\"",
                "{\"fleet\": {\"workers\": 0}}|fleet.workers must be 1 to 10000, was 0",
                "{\"fleet\": {\"cacheTokens\": -1}}|fleet.cacheTokens must be 0 to 100000000, was -1",
                "{\"fleet\": {\"profile\": null}}|fleet.profile must be given",
                "{\"load\": {\"mix\": []}}|load needs one of mix, trace and serveGen",
                "{\"run\": {\"seconds\": 5, \"warmUpSeconds\": 6}}|run.warmUpSeconds must be below",
                "{\"slo\": {\"scale\": 0}}|slo.scale must be 0.01 to 100",
            })
    void aWrongFileIsToldByItsField(String json, String message) throws IOException {
        String all = json;
        if (json.startsWith("{\"") && !json.contains("\"load\"")) {
            all = "{\"load\": {\"mix\": [" + PART + "]}, " + json.substring(1);
        }
        Path file = Files.writeString(folder.resolve("s.json"), all);

        var e =
                assertThrows(
                        ScenarioException.class, () -> Scenarios.find(file.toString(), Map.of()));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    private static final String PART =
            "{\"sloClass\": \"chat\", \"share\": 1, \"shape\": \"chat\"}";

    @Test
    void namesThatAreNotThereAreToldWithThoseThatAre() {
        assertSays(
                "no scenario nowhere; there are headline", () -> Scenarios.find("nowhere", of()));
        assertSays(
                "no field fleet.colour",
                () -> Scenarios.find("smoke", Map.of("fleet.colour", "1")));
        assertSays(
                "load.prediction must be none, oracle",
                () -> Scenarios.find("smoke", Map.of("load.prediction", "noisy:2")));
        assertSays("no policy fast; known policies: ", () -> Entrant.of("fast", of()));
        assertSays("does not know [x]", () -> Entrant.of("hfx", Map.of("x", "1")));
        assertSays("margin must be 0.1 to 1", () -> Entrant.of("hfx", Map.of("margin", "7")));
        assertSays("--sweep takes one of [slo-scale", () -> Sweep.parse("colour=1"));
        assertSays("--sweep must read AXIS=V", () -> Sweep.parse("cv"));
        assertSays(
                "slo.set must be one of",
                () -> new Setup(Scenarios.find("smoke", Map.of("slo.set", "none")), null));
        assertSays(
                "load uses classes [batch, code, summarise] that slo does not define: [chat]",
                () -> new Setup(Scenarios.find("smoke", Map.of("slo.set", "distserve")), null));
        assertSays(
                "name the folder of traces with --data or HFX_DATA",
                () -> new Setup(Scenarios.find("azure-code", of()), null));
        assertSays("which is not in", () -> new Setup(Scenarios.find("azure-code", of()), folder));
    }

    private static Map<String, String> of() {
        return Map.of();
    }

    private static void assertSays(String message, org.junit.jupiter.api.function.Executable run) {
        var e = assertThrows(ScenarioException.class, run);
        assertTrue(String.valueOf(e.getMessage()).contains(message), e.getMessage());
        assertEquals(1, String.valueOf(e.getMessage()).lines().count());
    }

    @Test
    void theNthRequestIsTheSameAtEveryRate() {
        Setup setup = new Setup(Scenarios.find("headline", of()), null);
        List<SimRequest> slow = first(setup.requests(2, 100, 7));
        List<SimRequest> fast = first(setup.requests(8, 100, 7));

        for (int i = 0; i < slow.size(); i++) {
            assertEquals(slow.get(i).spec(), fast.get(i).spec());
            assertEquals(
                    4.0, (double) slow.get(i).arrivalNanos() / fast.get(i).arrivalNanos(), 0.01);
        }
    }

    @Test
    void theMixFlips() {
        Setup setup = new Setup(Scenarios.find("mix-flip", of()), null);
        Iterator<SimRequest> requests = setup.requests(50, 120, 3);
        int[] chats = new int[2];
        int[] all = new int[2];
        while (requests.hasNext()) {
            SimRequest request = requests.next();
            int half = request.arrivalNanos() < 60_000_000_000L ? 0 : 1;
            all[half]++;
            chats[half] += request.spec().sloClass().name().equals("chat") ? 1 : 0;
        }
        assertEquals(0.8, (double) chats[0] / all[0], 0.03);
        assertEquals(0.2, (double) chats[1] / all[1], 0.03);
    }

    @Test
    void aTraceGoesRoundAtTheRateAsked() throws IOException {
        StringBuilder csv = new StringBuilder("TIMESTAMP,ContextTokens,GeneratedTokens\n");
        for (int i = 0; i < 40; i++) {
            csv.append("2023-11-16 18:00:%02d.0000000,%d,5%n".formatted(i, 100 + i));
        }
        Files.writeString(folder.resolve("t.csv"), csv.toString());
        Scenario scenario =
                Scenarios.find(
                        "azure-code",
                        Map.of("load.trace", "{\"file\": \"t.csv\", \"classes\": {\"code\": 1}}"));
        Setup setup = new Setup(scenario, folder);

        assertEquals(20, all(setup.requests(2, 10, 1)).size(), 1);
        assertTrue(
                !all(setup.requests(2, 10, 1)).equals(all(setup.requests(2, 10, 2))),
                "each seed starts elsewhere");
    }

    @Test
    void partsPeakOneAfterTheOther() {
        Setup setup = new Setup(Scenarios.find("phased", of()), null);
        Map<String, int[]> bySixth = new TreeMap<>();
        for (SimRequest request : all(setup.requests(100, 120, 5))) {
            long second = request.arrivalNanos() / 1_000_000_000L;
            int[] counts =
                    bySixth.computeIfAbsent(request.spec().sloClass().name(), c -> new int[6]);
            counts[(int) (second % 60) / 10]++;
        }
        Map<String, Integer> peaks = new TreeMap<>();
        bySixth.forEach(
                (name, counts) -> {
                    int most = Arrays.stream(counts).max().orElseThrow();
                    int least = Arrays.stream(counts).min().orElseThrow();
                    assertTrue(most > 3 * least, name + " " + Arrays.toString(counts));
                    peaks.put(name, Arrays.stream(counts).boxed().toList().indexOf(most));
                });
        assertEquals(3, Set.copyOf(peaks.values()).size(), peaks.toString());
    }

    @Test
    void slosServeAsksForMultiplesOfAnIdlePrefill() {
        Map<String, String> loose = Map.of("slo.set", "slos-serve-loose");
        for (SimRequest tight :
                all(new Setup(Scenarios.find("slos-serve", of()), null).requests(5, 20, 1))) {
            assertEquals(50_000_000, tight.spec().sloClass().slo().tpotNanos());
        }
        Map<String, Long> ttft = new TreeMap<>();
        Setup setup = new Setup(Scenarios.find("slos-serve", loose), null);
        all(setup.requests(5, 20, 1))
                .forEach(
                        r ->
                                ttft.put(
                                        r.spec().sloClass().name(),
                                        r.spec().sloClass().slo().ttftNanos()));
        // the median prompt of chat has 1,020 tokens
        long chatNanos =
                setup.profile().timing().model().stepNanos(StepShape.EMPTY.plusChunk(0, 1_020));
        assertEquals(5.0, (double) ttft.get("chat") / chatNanos, 0.5);
        assertTrue(ttft.get("summarise") > 2 * ttft.get("chat"), ttft.toString());
    }

    @Test
    void tenantsAreDrawnByTheirShares() {
        Map<String, String> two = Map.of("load.tenants", "{\"a\": 1, \"b\": 3}");
        List<SimRequest> requests =
                all(new Setup(Scenarios.find("smoke", two), null).requests(100, 50, 1));
        long b = requests.stream().filter(r -> r.spec().tenant().equals("b")).count();
        assertEquals(0.75, (double) b / requests.size(), 0.03);
    }

    @Test
    void clientsOfAPoolSendAtTheRateAskedForInAnyPartOfTheRecording() throws IOException {
        Path pool = Files.createDirectories(folder.resolve("pool"));
        for (int client = 0; client < 3; client++) {
            StringBuilder rates = new StringBuilder();
            for (int window = 0; window < 6; window++) {
                rates.append(
                        "%d,%d,1,Gamma,1,1%n".formatted(600 * window, 1 + client * (1 + window)));
            }
            Files.writeString(pool.resolve("chunk-" + client + "-trace.csv"), rates.toString());
        }
        String source =
                "{\"folder\": \"pool\", \"fromSeconds\": 0, \"toSeconds\": 3600,"
                        + " \"others\": \"chat\", \"classes\": {\"batch\": 1}}";
        Setup setup =
                new Setup(Scenarios.find("servegen", Map.of("load.serveGen", source)), folder);

        for (long seed = 1; seed <= 3; seed++) {
            List<SimRequest> requests = all(setup.requests(20, 200, seed));
            assertEquals(4_000, requests.size(), 300);
            assertEquals(3, requests.stream().map(r -> r.spec().tenant()).distinct().count());
        }
    }

    private static List<SimRequest> first(Iterator<SimRequest> requests) {
        List<SimRequest> some = all(requests);
        return some.subList(0, Math.min(100, some.size()));
    }

    private static List<SimRequest> all(Iterator<SimRequest> requests) {
        List<SimRequest> all = new ArrayList<>();
        requests.forEachRemaining(all::add);
        return all;
    }
}
