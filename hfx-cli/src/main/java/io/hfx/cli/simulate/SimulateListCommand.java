package io.hfx.cli.simulate;

import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.Policy;
import io.hfx.simulator.profile.Profile;
import io.hfx.simulator.profile.Profiles;
import io.hfx.simulator.scenario.Objectives;
import io.hfx.simulator.scenario.Scenarios;
import io.hfx.simulator.scenario.Sweep;
import io.hfx.simulator.workload.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Names all that a simulation can be made of. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "List scenarios, policies, profiles, workloads, SLO sets and sweep axes.")
final class SimulateListCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        Listing scenarios = new Listing();
        Scenarios.BUILT_IN.forEach(n -> scenarios.row(n, Scenarios.find(n, Map.of()).about()));
        out.print("Scenarios\n" + scenarios);
        Properties lines = lines();
        Listing policies = new Listing();
        for (Policy policy : Policies.all(getClass().getClassLoader()).values()) {
            policies.row(policy.name(), about(policy.name(), policy, lines));
        }
        Policies.wrappers(getClass().getClassLoader())
                .forEach((name, w) -> policies.row(name + "+NAME", about(name, w, lines)));
        out.print("\nPolicies (docs/policies.md)\n" + policies);
        Listing profiles = new Listing();
        for (String name : Profiles.BUILT_IN) {
            Profile p = Profiles.named(name);
            profiles.row(name, p.model() + ", " + p.device());
        }
        out.print("\nProfiles\n" + profiles);
        Listing shapes = new Listing();
        Shape.names()
                .forEach(
                        n ->
                                shapes.row(
                                        n,
                                        "99th percentile of a request "
                                                + Shape.named(n).totalTokensP99()
                                                + " tokens"));
        out.print("\nWorkload shapes\n" + shapes);
        out.println("\nSLO sets\n  " + String.join(", ", Objectives.sets()));
        Listing axes = new Listing();
        Sweep.AXES.forEach(axes::row);
        out.print("\nSweep axes\n" + axes);
        out.flush();
    }

    private static String about(String name, Object policy, Properties lines) {
        return lines.getProperty(name, "yours, " + policy.getClass().getName());
    }

    private static Properties lines() {
        Properties lines = new Properties();
        try (InputStream in =
                SimulateListCommand.class.getResourceAsStream("policies.properties")) {
            lines.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return lines;
    }

    /** Names and what they are, aligned. */
    private static final class Listing {
        private final Map<String, String> rows = new LinkedHashMap<>();

        void row(String name, String about) {
            rows.put(name, about);
        }

        @Override
        public String toString() {
            int width = rows.keySet().stream().mapToInt(String::length).max().orElse(0);
            StringBuilder lines = new StringBuilder();
            rows.forEach(
                    (name, about) ->
                            lines.append("  ")
                                    .append(name)
                                    .append(" ".repeat(width - name.length() + 2))
                                    .append(about)
                                    .append('\n'));
            return lines.toString();
        }
    }
}
