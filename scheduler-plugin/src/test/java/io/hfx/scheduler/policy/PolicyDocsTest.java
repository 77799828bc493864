package io.hfx.scheduler.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
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
            policy.settings().forEach(s -> expected.add(row(policy, s)));
        }
        List<String> rows =
                Files.readAllLines(PAGE).stream()
                        .filter(l -> l.matches("\\| `[a-z-]+` \\| `[a-z_]+` \\|.*"))
                        .toList();
        assertEquals(String.join("\n", expected), String.join("\n", rows));
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

    /** What tuning draws is always allowed, and not always the same. */
    @Test
    void drawnSettingsAreAllowed() {
        SplittableRandom random = new SplittableRandom(7);
        for (Policy policy : policies()) {
            for (Setting setting : policy.settings()) {
                List<String> drawn = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    String text = setting.draw(random);
                    PolicyConfig config =
                            new PolicyConfig(Map.of(setting.key(), text)).allow(policy);
                    double value = config.doubleOf(setting);
                    assertTrue(
                            value >= setting.searchLeast() - 1e-9
                                    && value <= setting.searchMost() + 1e-9,
                            setting.key() + " " + text);
                    drawn.add(text);
                }
                boolean searched = setting.searchLeast() < setting.searchMost();
                assertEquals(
                        searched, drawn.stream().distinct().count() > 1, setting.key() + drawn);
            }
        }
    }

    private static String row(Policy policy, Setting s) {
        boolean searched = s.searchLeast() < s.searchMost();
        return "| `%s` | `%s` | %s | %s to %s | %s | %s |"
                .formatted(
                        policy.name(),
                        s.key(),
                        text(s.byDefault()),
                        text(s.least()),
                        text(s.most()),
                        searched ? text(s.searchLeast()) + " to " + text(s.searchMost()) : "-",
                        s.meaning());
    }

    private static String text(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
