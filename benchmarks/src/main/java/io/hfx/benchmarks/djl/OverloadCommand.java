package io.hfx.benchmarks.djl;

import java.util.List;
import picocli.CommandLine.Command;

/** Deadlines on one worker of exactly known service time. */
@Command(
        name = "overload",
        description = "Three classes on a worker that takes 8 ms a request, around its capacity.",
        mixinStandardHelpOptions = true)
final class OverloadCommand extends OpenPart {
    @Override
    Subject subject() {
        return new Subject(
                "one worker that takes 8 ms a request, batch size 1",
                setup -> setup.fixedTime("fixed", 8_000, "minWorkers=1", "maxWorkers=1"),
                "fixed",
                "x",
                List.of(1.3, 1.0, 0.9),
                8);
    }
}
