package io.hfx.simulator.fidelity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.simulator.fleet.StepTiming;
import io.hfx.simulator.profile.Profile;
import io.hfx.simulator.profile.ProfileException;
import io.hfx.simulator.profile.Profiles;
import io.hfx.simulator.profile.StepRecord;
import io.hfx.simulator.scenario.Objectives;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FidelityTest {
    private static final long MILLI = 1_000_000;

    /** 10 ms a step and 1 ms a prompt token; nothing else costs. */
    private static final LatencyModel MODEL = new LatencyModel(10e6, 0, 1e6, 0, 0, 0, 0);

    @TempDir Path folder;

    @Test
    void aRequestAloneTakesWhatItsStepsTake() {
        // due at 0: front 3 ms, prefill 10 + 20 ms, two decodes of 10 ms
        LiveRun run = run(List.of(33_000L, 43_000L, 53_000L));
        Comparison c = Comparison.of(twin(3), run, List.of());

        assertEquals(33, c.live().ttftMillis().mean(), 0.01);
        assertEquals(33, c.simulated().mean().ttftMillis().mean(), 0.1);
        assertEquals(10, c.simulated().mean().tpotMillis().p50(), 0.02);
        assertEquals(53, c.simulated().mean().e2eMillis().p99(), 0.1);
        assertTrue(c.simulated().error().largest() < 0.005, c.simulated().error().toString());
        assertEquals(0, c.simulated().error().attainmentPoints());
    }

    @Test
    void anErrorIsThatOfTheSimulationAgainstTheLiveRun() {
        // the live server took 50 ms for the first token, so that it missed its objective of 40
        Comparison c = Comparison.of(twin(3), run(List.of(50_000L, 60_000L, 70_000L)), List.of());

        assertEquals(33.0 / 50 - 1, c.simulated().error().ttft().p90(), 0.005);
        assertEquals(0, c.simulated().error().tpot().mean(), 0.005);
        assertEquals(53.0 / 70 - 1, c.simulated().error().e2e().mean(), 0.005);
        assertEquals(100, c.simulated().error().attainmentPoints());
        assertEquals(17.0 / 50, c.simulated().error().largest(), 0.005);
    }

    @Test
    void aRequestThatDidNotCompleteIsAMiss() {
        Comparison c = Comparison.of(twin(3), run(List.of()), List.of());

        assertEquals(0, c.live().completed());
        assertEquals(0, c.live().attainment());
        assertEquals(100, c.simulated().error().attainmentPoints());
    }

    @Test
    void recordedStepTimesAreReplayed() {
        // the machine was twice as slow as the profile says while the run went on, not before
        long start = 1_000 * MILLI;
        StepShape prefill = StepShape.EMPTY.plusChunk(0, 20);
        StepShape decode = StepShape.EMPTY.plusDecode(21);
        List<StepRecord> steps =
                List.of(
                        step(prefill, 30, start - 100 * MILLI),
                        step(prefill, 60, start + 63 * MILLI),
                        step(decode, 20, start + 83 * MILLI),
                        step(decode, 20, start + 103 * MILLI));
        LiveRun run = run(List.of(63_000L, 83_000L, 103_000L));
        Comparison c = Comparison.of(twin(3), run, steps);

        assertEquals(33.0 / 63 - 1, c.simulated().error().ttft().mean(), 0.005);
        Simulated replayed = c.replayed();
        assertTrue(replayed != null && replayed.error().largest() < 0.005, c.toString());
    }

    @Test
    void aStepOfAnotherShapeIsSlowerByAsMuchAsTheRecordedOne() {
        StepShape recorded = StepShape.EMPTY.plusChunk(0, 20);
        StepReplay replay =
                new StepReplay(
                        MODEL,
                        List.of(
                                new StepRecord(recorded, 60 * MILLI, "w", 160 * MILLI, 2 * MILLI),
                                step(recorded, 15, 500 * MILLI)),
                        0);

        StepShape other = StepShape.EMPTY.plusChunk(0, 40);
        assertEquals(100 * MILLI, replay.at(0, other).nanos());
        assertEquals(60 * MILLI, replay.at(100 * MILLI, recorded).nanos());
        assertEquals(2 * MILLI, replay.at(110 * MILLI, recorded).overheadNanos());
        assertEquals(25 * MILLI, replay.at(400 * MILLI, other).nanos());
    }

    @Test
    void seedsSpreadAroundTheirMean() {
        Twin noisy = twin(3, 0.3);
        Simulated simulated =
                Comparison.of(noisy, run(List.of(33_000L, 43_000L, 53_000L)), List.of())
                        .simulated();

        double least = simulated.least().ttft().p50();
        double most = simulated.most().ttft().p50();
        assertTrue(least < -0.1 && most > 0.1, simulated.toString());
        double mean = simulated.error().ttft().p50();
        assertEquals(Math.exp(0.3 * 0.3 / 2) - 1, mean, 0.25, "20 draws of log-normal noise");
        assertTrue(least < mean && mean < most, simulated.toString());
    }

    @Test
    void aFolderKeepsWhatWasRecorded() throws Exception {
        Recording recording = new Recording(folder);
        String message = assertThrows(ProfileException.class, recording::fleet).getMessage();
        assertTrue(String.valueOf(message).contains("fleet.json"), message);
        recording.write(fleet(3));
        Files.writeString(
                recording.profile(),
                Profiles.json("p", "m", "d", "s", new StepTiming(MODEL, 0, 0, 1)));
        message = assertThrows(ProfileException.class, recording::compare).getMessage();
        assertTrue(String.valueOf(message).contains("no recorded run"), message);

        recording.write(run(List.of(33_000L, 43_000L, 53_000L)));
        List<Comparison> comparisons = recording.compare();
        assertEquals(fleet(3), recording.fleet());
        assertEquals(1, comparisons.size());
        assertTrue(
                comparisons.get(0).simulated().error().largest() < 0.005, comparisons.toString());
    }

    private static StepRecord step(StepShape shape, int millis, long endEpochNanos) {
        return new StepRecord(shape, millis * MILLI, "worker-0", endEpochNanos, 0);
    }

    private static LiveRun run(List<Long> tokenMicros) {
        return new LiveRun(
                "fcfs",
                0.5,
                1,
                1,
                "fcfs-0.50.steps.jsonl",
                1_000 * MILLI,
                0,
                Map.of("ttft", 30.0),
                List.of(new LiveRun.Request(0, "chat", 20, 3, tokenMicros)));
    }

    private static Twin twin(double frontMillis) {
        return twin(frontMillis, 0);
    }

    private static Twin twin(double frontMillis, double noiseSigma) {
        Profile profile =
                new Profile(
                        "toy",
                        "toy",
                        "toy",
                        "test",
                        new StepTiming(MODEL, noiseSigma, 0, 1),
                        new KvBudget.Blocks(100, 16, 1_000),
                        1,
                        4,
                        1e9);
        return new Twin(fleet(frontMillis), profile);
    }

    private static LiveFleet fleet(double frontMillis) {
        return new LiveFleet(
                "emulated",
                1,
                4,
                1_000,
                2,
                100,
                frontMillis,
                2,
                List.of(2.0),
                new LiveFleet.Fit(1, 0, 0, 0, 0),
                List.of(new Objectives.Own("chat", 40.0, null, null, null, null, null)),
                Map.of("made", "by a test"));
    }
}
