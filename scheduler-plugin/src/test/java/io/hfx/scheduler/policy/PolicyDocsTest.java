package io.hfx.scheduler.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What docs/policies.md says of names and settings is what the policies have. */
class PolicyDocsTest {
    private static final Path PAGE = Path.of("../docs/policies.md");

    private static Collection<Policy> policies() {
        return Policies.all(PolicyDocsTest.class.getClassLoader()).values();
    }

    @Test
    void everySettingHasItsRow() throws Exception {
        List<String> expected = new ArrayList<>();
        for (Policy policy : policies()) {
            policy.settings().forEach(s -> expected.add(row(policy.name(), s)));
        }
        List<String> rows =
                Files.readAllLines(PAGE).stream()
                        .filter(l -> l.matches("\\| `[a-z-]+` \\| `[a-z_]+` \\|.*"))
                        .toList();
        assertEquals(String.join("\n", expected), String.join("\n", rows));
    }

    @Test
    void everyWrapperHasItsLineAndItsSettings() throws Exception {
        List<String> lines = Files.readAllLines(PAGE);
        for (PolicyWrapper wrapper : Policies.wrappers(getClass().getClassLoader()).values()) {
            String named = "| `" + wrapper.name() + "+NAME` | ";
            List<String> rows = lines.stream().filter(l -> l.startsWith(named)).toList();
            List<String> settings = rows.stream().filter(l -> l.startsWith(named + "`")).toList();
            assertEquals(1, rows.size() - settings.size(), wrapper.name());
            assertEquals(
                    wrapper.settings().stream().map(s -> row(wrapper.name() + "+NAME", s)).toList(),
                    settings);
        }
    }

    @Test
    void everyPolicyHasItsLine() throws Exception {
        String page = Files.readString(PAGE);
        for (Policy policy : policies()) {
            long lines =
                    page.lines()
                            .filter(l -> l.startsWith("| `" + policy.name() + "` | "))
                            .filter(l -> !l.startsWith("| `" + policy.name() + "` | `"))
                            .count();
            assertEquals(1, lines, policy.name());
        }
    }

    /** What tuning draws is allowed, within what it searches, and not always the same. */
    @Test
    void drawnSettingsAreAllowed() {
        SplittableRandom random = new SplittableRandom(7);
        for (Policy policy : policies()) {
            Set<PolicyConfig> drawn = new HashSet<>();
            for (int i = 0; i < 20; i++) {
                PolicyConfig config = PolicyConfig.drawn(policy, random).allow(policy);
                for (Setting s : policy.settings()) {
                    double value = config.doubleOf(s);
                    assertEquals(s.isSearched(), config.values().containsKey(s.key()));
                    assertTrue(
                            !s.isSearched()
                                    || (value >= s.searchLeast() - 1e-9
                                            && value <= s.searchMost() + 1e-9),
                            s.key() + " " + value);
                }
                drawn.add(config);
            }
            assertTrue(drawn.size() > 15, policy.name() + " " + drawn);
        }
    }

    private static String row(String policy, Setting s) {
        return "| `%s` | `%s` | %s | %s to %s | %s | %s |"
                .formatted(
                        policy,
                        s.key(),
                        text(s.byDefault()),
                        text(s.least()),
                        text(s.most()),
                        s.isSearched()
                                ? text(s.searchLeast()) + " to " + text(s.searchMost())
                                : "-",
                        s.meaning());
    }

    private static String text(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
