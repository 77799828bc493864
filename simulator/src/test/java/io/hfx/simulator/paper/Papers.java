package io.hfx.simulator.paper;

import static io.hfx.simulator.paper.Scenario.slo;

import io.hfx.scheduler.slo.Slo;
import io.hfx.simulator.paper.Scenario.Kind;
import java.util.List;

/** The workloads, with what each takes from its paper. */
final class Papers {
    private Papers() {}

    /** Niyama's equal thirds; its two batch tiers (600 and 1800 s) twenty times shorter. */
    static Scenario niyama(double rate) {
        return new Scenario(
                1,
                Scenario.KV_BLOCKS,
                List.of(
                        Kind.of(slo(6_000, 50, 0), 1, 1_500, 120, 0.8),
                        Kind.of(slo(0, 0, 30_000), 1, 1_500, 120, 0.8),
                        Kind.of(slo(0, 0, 90_000), 1, 1_500, 120, 0.8)),
                rate,
                120,
                1);
    }

    /** SCORPIO's six categories on chat lengths. */
    static Scenario scorpio(double rate) {
        return new Scenario(
                1,
                Scenario.KV_BLOCKS,
                List.of(
                        Kind.of(slo(500, 30, 0), 1, 250, 200, 0.8),
                        Kind.of(slo(2_000, 30, 0), 1, 250, 200, 0.8),
                        Kind.of(slo(3_000, 30, 0), 1, 250, 200, 0.8),
                        Kind.of(slo(500, 50, 0), 1, 250, 200, 0.8),
                        Kind.of(slo(1_000, 50, 0), 1, 250, 200, 0.8),
                        Kind.of(slo(7_500, 50, 0), 1, 250, 200, 0.8)),
                rate,
                60,
                2);
    }

    /** Short prompts in a hurry beside long ones that block them. */
    static Scenario flowPrefill(double rate) {
        return new Scenario(
                1,
                Scenario.KV_BLOCKS,
                List.of(
                        Kind.of(slo(300, 0, 0), 8, 300, 8, 0.5),
                        Kind.of(slo(1_000, 0, 0), 3, 2_000, 8, 0.5),
                        Kind.of(slo(6_000, 0, 0), 1, 14_000, 8, 0.3)),
                rate,
                60,
                3);
    }

    /** Four TPOT tiers over several servers. */
    static Scenario polyServe(int workers, double ratePerWorker) {
        return new Scenario(
                workers,
                Scenario.KV_BLOCKS,
                List.of(
                        Kind.of(slo(1_000, 20, 0), 1, 500, 200, 0.6),
                        Kind.of(slo(1_000, 30, 0), 1, 500, 200, 0.6),
                        Kind.of(slo(1_000, 50, 0), 1, 500, 200, 0.6),
                        Kind.of(slo(1_000, 100, 0), 1, 500, 200, 0.6)),
                workers * ratePerWorker,
                20,
                4);
    }

    /** Chat, code and summaries with TTFT about five times the unloaded one and two TPOT tiers. */
    static Scenario slosServe(double rate) {
        return new Scenario(
                1,
                Scenario.KV_BLOCKS,
                List.of(
                        Kind.of(slo(400, 50, 0), 2, 500, 150, 0.7),
                        Kind.of(slo(600, 100, 0), 2, 900, 40, 0.7),
                        Kind.of(slo(2_000, 100, 0), 1, 3_000, 150, 0.5)),
                rate,
                60,
                5);
    }

    /** Long contexts in overload. */
    static Scenario mooncake(double rate) {
        return new Scenario(
                2,
                Scenario.KV_BLOCKS,
                List.of(Kind.of(slo(5_000, 100, 0), 1, 4_000, 200, 0.8)),
                rate,
                80,
                6);
    }

    /** Lengths with a heavy tail over workers with the KV of an A10, 16,000 tokens each. */
    static Scenario llumnix(double rate) {
        return new Scenario(
                4, 1_000, List.of(Kind.of(slo(2_000, 100, 0), 1, 600, 250, 1.2)), rate, 80, 7);
    }

    /** Prompts of very different lengths, where a ring of workers or their counts say little. */
    static Scenario lMetric(double rate) {
        return new Scenario(
                4,
                Scenario.KV_BLOCKS,
                List.of(Kind.of(slo(1_000, 0, 0), 1, 1_200, 100, 1.2)),
                rate,
                60,
                9);
    }

    /** One tenant sends nine times as much as the other, together more than the worker can do. */
    static Scenario vtc(double rate) {
        Slo slo = slo(2_000, 100, 0);
        return new Scenario(
                1,
                Scenario.KV_BLOCKS,
                List.of(
                        Kind.of(slo, 9, 600, 150, 0.8).by("flood"),
                        Kind.of(slo, 1, 600, 150, 0.8).by("meek")),
                rate,
                60,
                10);
    }

    /** Chats in a hurry beside batches that are due in a minute or never, on little KV. */
    static Scenario qlm(double rate) {
        return new Scenario(
                2,
                2_000,
                List.of(
                        Kind.of(slo(1_500, 100, 0), 4, 400, 150, 0.8),
                        Kind.of(slo(20_000, 0, 0), 2, 1_200, 300, 0.8),
                        Kind.of(slo(0, 0, 90_000), 2, 1_200, 300, 0.8)),
                rate,
                60,
                11);
    }

    /** Chats on the little KV that a large model leaves: 24,000 tokens. */
    static Scenario aptServe(double rate) {
        return new Scenario(
                1, 1_500, List.of(Kind.of(slo(1_000, 150, 0), 1, 350, 250, 1.0)), rate, 60, 12);
    }

    /** Outputs longer than their prompts compete for KV. */
    static Scenario cacheOpt(double rate) {
        return new Scenario(
                1,
                1_500,
                List.of(
                        Kind.of(slo(2_000, 60, 0), 1, 200, 350, 0.9),
                        Kind.of(slo(6_000, 120, 0), 1, 200, 350, 0.9)),
                rate,
                60,
                13);
    }

    /** Short and long jobs without objectives. */
    static Scenario sjf(double rate) {
        return new Scenario(
                1,
                Scenario.KV_BLOCKS,
                List.of(Kind.of(slo(0, 0, 0), 1, 600, 150, 1.2)),
                rate,
                60,
                8);
    }
}
