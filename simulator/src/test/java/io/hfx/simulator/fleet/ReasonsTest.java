package io.hfx.simulator.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.explain.Decision;
import io.hfx.scheduler.explain.Decision.What;
import io.hfx.scheduler.explain.Reason;
import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.request.WorkerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told of the decisions of whole runs, against the table of docs/scheduling.md. */
class ReasonsTest {
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");
    private static final KvBudget FEW_BLOCKS = new KvBudget.Blocks(400, 16, 2_000);

    /** For example {@code waits no-kv}. */
    private static Set<String> documented() throws IOException {
        String text = Files.readString(Path.of("../docs/scheduling.md"));
        String section = text.substring(text.indexOf("## Reasons"), text.indexOf("## Speed"));
        Set<String> pairs = new TreeSet<>();
        List<String> whats = List.of();
        for (String line : section.lines().filter(l -> l.startsWith("| ")).toList()) {
            String[] cells = line.split("\\|", -1);
            List<String> named = quoted(cells[1]);
            whats = named.isEmpty() ? whats : named;
            List<String> reasons = quoted(cells[2]);
            for (String what : whats) {
                if (reasons.isEmpty()) {
                    pairs.add(what);
                }
                reasons.forEach(reason -> pairs.add(what + " " + reason));
            }
        }
        return pairs;
    }

    private static List<String> quoted(String cell) {
        List<String> words = new ArrayList<>();
        Matcher matcher = QUOTED.matcher(cell);
        while (matcher.find()) {
            words.add(matcher.group(1));
        }
        return words;
    }

    private static String pair(Decision d) {
        Reason reason = d.reason();
        return d.what().label() + (reason == null ? "" : " " + reason.label());
    }

    private static List<Decision> decisions(String policy, KvBudget kv, long seed) {
        List<Decision> decisions = new ArrayList<>();
        SimSettings settings = Scenarios.settings(policy, 3, kv, seed);
        new SimFleet(settings, SimFleet.Log.NONE, decisions::add)
                .drainWorkerAt(8_000_000_000L, new WorkerId("worker-0"), 0)
                .loseWorkerAt(15_000_000_000L, new WorkerId("worker-1"))
                .run(Scenarios.wild(200, 8, seed));
        return decisions;
    }

    @Test
    void everyReasonAndDecisionIsInTheTable() throws IOException {
        String table = String.join(" ", documented()) + " ";
        for (Reason reason : Reason.values()) {
            assertTrue(table.contains(" " + reason.label() + " "), reason.label());
        }
        for (What what : What.values()) {
            assertTrue(table.contains(what.label() + " "), what.label());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hfx", "fcfs", "edf", "slos-serve", "scorpio", "llumnix", "polyserve"})
    void whatIsToldIsInTheTable(String policy) throws IOException {
        Set<String> table = documented();
        Set<String> told = new TreeSet<>();
        for (long seed = 1; seed <= 3; seed++) {
            decisions(policy, FEW_BLOCKS, seed).forEach(d -> told.add(pair(d)));
        }
        System.out.println("ReasonsTest: " + policy + " " + told);
        told.removeAll(table);
        assertEquals(Set.of(), told, "not in docs/scheduling.md");
    }

    /**
     * Each request is bound, given back or refused in an order that makes sense, and to its end.
     */
    @Test
    void theDecisionsOfARequestFollowOnEachOther() {
        List<Decision> decisions = decisions("hfx", FEW_BLOCKS, 1);
        Map<Long, What> where = new HashMap<>();
        long lastNanos = 0;
        for (Decision d : decisions) {
            assertTrue(d.atNanos() >= lastNanos, d.toString());
            lastNanos = d.atNanos();
            What before = where.get(d.requestId());
            boolean bound = before == What.BOUND;
            switch (d.what()) {
                case BOUND, WAITS, DEMOTED -> assertTrue(!bound, before + ", " + d);
                case RETURNED, RECALLED -> assertTrue(bound, before + ", " + d);
                case REFUSED -> assertTrue(before == null || before == What.WAITS, d.toString());
                default -> {}
            }
            if (d.what() != What.RECALLED && d.what().compareTo(What.STARTED) < 0) {
                where.put(d.requestId(), d.what());
            }
        }
        assertTrue(where.containsValue(What.BOUND) && where.containsValue(What.REFUSED));
    }
}
