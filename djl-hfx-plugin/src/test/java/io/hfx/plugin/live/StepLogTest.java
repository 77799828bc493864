package io.hfx.plugin.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.config.ConfigException;
import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepLogTest {
    private static final WorkerSpec WORKER =
            new WorkerSpec(
                    new WorkerId("worker-0"),
                    WorkerSpec.Kind.TOKEN_LEVEL,
                    new KvBudget.Slots(4, 128),
                    4,
                    true,
                    new LatencyModel(1, 1, 1, 1, 1, 1, 1));
    private static final SequenceKey A = new SequenceKey(1, 0);
    private static final SequenceKey B = new SequenceKey(2, 0);

    @TempDir Path folder;

    private static StepPlan.Chunk chunk(SequenceKey key, int from, int tokens) {
        return new StepPlan.Chunk(key, from, tokens, true, List.of());
    }

    private static WorkerCommand run(List<SequenceKey> decodes, StepPlan.Chunk... chunks) {
        return new WorkerCommand.Run(new StepPlan(decodes, List.of(chunks)));
    }

    private static WorkerEvent done(long atNanos, long nanos) {
        return new WorkerEvent.StepDone(atNanos, List.of(), nanos);
    }

    @Test
    void everyStepIsALineWithWhatItHeld() throws IOException {
        Path file = folder.resolve("steps.jsonl");
        try (StepLog log = StepLog.open(file, 1_000_000)) {
            log.worker(
                    WORKER,
                    new WorkerEvent.SliceDone(0, 1, 2),
                    List.of(run(List.of(), chunk(A, 0, 10))));
            // a tighter prompt interrupts the prefill, and is done first
            log.worker(
                    WORKER,
                    new WorkerEvent.SliceDone(500, 1, 2),
                    List.of(new WorkerCommand.Suspend(), run(List.of(), chunk(B, 0, 4))));
            log.worker(WORKER, done(920, 400), List.of(new WorkerCommand.Resume()));
            log.worker(WORKER, done(1430, 1000), List.of(run(List.of(A, B))));
            log.worker(WORKER, done(1510, 70), List.of());
            log.worker(WORKER, done(1609, 99), List.of());
        }

        assertEquals(
                List.of(
                        line(1, 4, 8, 0, 0, 400, "1000920,\"overheadNanos\":20"),
                        line(1, 10, 50, 0, 0, 1000, "1001430"),
                        line(0, 0, 0, 2, 16, 70, "1001510,\"overheadNanos\":10")),
                Files.readAllLines(file));
    }

    private static String line(
            int runs, int prefill, int pairs, int decodes, int context, int nanos, String end) {
        return "{\"prefillRuns\":%d,\"prefillTokens\":%d,\"attentionPairs\":%d.0,\"decodes\":%d,\"contextTokens\":%d,\"nanos\":%d,\"worker\":\"worker-0\",\"endEpochNanos\":%s}"
                .formatted(runs, prefill, pairs, decodes, context, nanos, end);
    }

    @Test
    void aFileThatCannotBeWrittenIsTold() {
        var e =
                assertThrows(
                        ConfigException.class,
                        () -> StepLog.open(folder.resolve("none").resolve("steps.jsonl")));
        assertTrue(String.valueOf(e.getMessage()).startsWith("hfx_step_log: "), e.getMessage());
    }
}
