package io.hfx.scheduler.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PolicyConfigTest {
    private static String messageOf(Runnable run) {
        return assertThrows(IllegalArgumentException.class, run::run).getMessage();
    }

    @Test
    void valuesAreCheckedAgainstTheirRange() {
        PolicyConfig config = new PolicyConfig(Map.of("a", "12", "b", "x", "c", "1.5"));
        assertEquals(12, config.intOf(Setting.whole("a", 1, 0, 20, "")));
        assertEquals(7, config.intOf(Setting.whole("absent", 7, 0, 20, "")));
        assertEquals(
                "a must be a whole number 0 to 10, was 12",
                messageOf(() -> config.intOf(Setting.whole("a", 1, 0, 10, ""))));
        assertEquals(
                "b must be 0.0 to 1.0, was x",
                messageOf(() -> config.doubleOf(Setting.number("b", 1, 0, 1, ""))));
        assertEquals(
                "c must be a whole number 0 to 10, was 1.5",
                messageOf(() -> config.intOf(Setting.whole("c", 1, 0, 10, ""))));
    }

    @Test
    void unknownKeysAndPoliciesAreNamed() {
        ClassLoader loader = getClass().getClassLoader();
        List<String> known =
                List.of(
                        "apt-serve",
                        "cacheopt",
                        "edf",
                        "fcfs",
                        "flowprefill",
                        "hfx",
                        "least-loaded",
                        "llumnix",
                        "lmetric",
                        "mooncake",
                        "niyama",
                        "polyserve",
                        "qlm",
                        "round-robin",
                        "sarathi",
                        "scorpio",
                        "sjf",
                        "slos-serve");
        assertEquals(
                "no policy fifo; known policies: " + String.join(", ", known) + ", vtc+NAME",
                messageOf(() -> Policies.named("fifo", loader)));
        assertEquals(known, List.copyOf(Policies.all(loader).keySet()));
        assertEquals(
                "policy sarathi does not know [chunks]; it knows [chunk_tokens]",
                messageOf(
                        () ->
                                Policies.named("sarathi", loader)
                                        .step(new PolicyConfig(Map.of("chunks", "1")))));
    }
}
