package io.hfx.benchmarks.djl;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Deadlines and batches. */
@Command(
        name = "batch",
        description =
                "Three classes on a worker that takes some time a batch and some an item:"
                        + " throughput of a closed loop, attainment of an open one.",
        mixinStandardHelpOptions = true)
final class BatchCommand extends OpenPart {
    private static final int BATCH_SIZE = 16;

    @Option(
            names = "--batch-micros",
            defaultValue = "6000",
            description = "Service time of a batch (default ${DEFAULT-VALUE}).")
    private int batchMicros;

    @Option(
            names = "--item-micros",
            defaultValue = "500",
            description = "Besides, of each of its items (default ${DEFAULT-VALUE}).")
    private int itemMicros;

    @Override
    Subject subject() {
        return new Subject(
                "one worker that takes %d us a batch and %d us an item, batch size %d"
                        .formatted(batchMicros, itemMicros, BATCH_SIZE),
                setup ->
                        setup.fixedTime(
                                "batched",
                                batchMicros,
                                "minWorkers=1",
                                "maxWorkers=1",
                                "batch_size=" + BATCH_SIZE,
                                "max_batch_delay=10",
                                "option.perItemMicros=" + itemMicros),
                "batched",
                "x",
                List.of(0.9, 1.2),
                4 * BATCH_SIZE);
    }
}
