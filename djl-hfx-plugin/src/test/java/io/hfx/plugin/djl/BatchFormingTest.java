package io.hfx.plugin.djl;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.djl.VirtualServer.Arrival;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How batches grow, in virtual time. */
class BatchFormingTest {
    private static final long MS = 1_000_000;
    private static final long SEED = 7;
    private static final int COUNT = 4_000;
    private static final int MAX_BATCH = 8;

    /** 444 requests a second in batches of 8, 90 one by one. */
    private static long batchable(int members) {
        return (10L + members) * MS;
    }

    private static long proportional(int members) {
        return 10L * members * MS;
    }

    @Test
    void aBatchableModelReachesLargeBatchesUnderLoad() {
        for (long withinMillis : new long[] {30, 100, 500}) {
            List<Arrival> load = VirtualServer.poisson(SEED, 400, COUNT, withinMillis * MS);
            VirtualServer hfx = new VirtualServer(MAX_BATCH, BatchFormingTest::batchable).run(load);
            VirtualServer fifo =
                    new VirtualServer(MAX_BATCH, BatchFormingTest::batchable).runFifo(load);
            String seen = seen(withinMillis, hfx, fifo);
            assertTrue(hfx.onTime() >= 0.998 * fifo.onTime(), seen);
            assertTrue(hfx.meanBatch() >= (withinMillis == 30 ? 4 : 6), seen);
        }
    }

    /** It takes 444 of 578 requests a second; whoever is served alone costs four others. */
    @Test
    void underOverloadTightRequestsDoNotKeepTheBatchesSmall() {
        for (long withinMillis : new long[] {100, 500}) {
            List<Arrival> load = VirtualServer.poisson(SEED, 578, COUNT, withinMillis * MS);
            VirtualServer hfx = new VirtualServer(MAX_BATCH, BatchFormingTest::batchable).run(load);
            VirtualServer fifo =
                    new VirtualServer(MAX_BATCH, BatchFormingTest::batchable).runFifo(load);
            String seen = seen(withinMillis, hfx, fifo);
            assertTrue(hfx.onTime() >= 0.9 * COUNT * 444 / 578, seen);
            assertTrue(hfx.meanBatch() >= 7, seen);
        }
    }

    @Test
    void aModelThatDoesNotBatchIsNotHarmed() {
        for (double perSecond : new double[] {50, 90, 130}) {
            List<Arrival> load =
                    VirtualServer.poisson(SEED, perSecond, COUNT, 25 * MS, 100 * MS, 500 * MS);
            VirtualServer batches =
                    new VirtualServer(MAX_BATCH, BatchFormingTest::proportional).run(load);
            VirtualServer singles = new VirtualServer(1, BatchFormingTest::proportional).run(load);
            String seen = seen((long) perSecond, batches, singles);
            assertTrue(batches.onTime() >= 0.995 * singles.onTime(), seen);
        }
    }

    private static String seen(long name, VirtualServer hfx, VirtualServer other) {
        return name
                + ": on time "
                + hfx.onTime()
                + " of "
                + COUNT
                + ", against "
                + other.onTime()
                + "; ran "
                + hfx.completed()
                + " in batches of "
                + hfx.meanBatch()
                + ", seed "
                + SEED;
    }
}
