package io.hfx.simulator.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.time.VirtualTime;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Links of 1 GB/s: a byte a nanosecond. */
class SimNetworkTest {
    private static final double NANOS = 10;

    private final VirtualTime time = new VirtualTime();
    private final SimNetwork network = new SimNetwork(time, 1e9);
    private final Map<String, Long> doneNanos = new TreeMap<>();

    private void transferAt(long atNanos, String from, String to, long bytes) {
        time.at(
                atNanos,
                () ->
                        network.transfer(
                                new WorkerId(from),
                                new WorkerId(to),
                                bytes,
                                () -> doneNanos.put(from + to, time.nowNanos())));
    }

    @Test
    void aLinkIsSharedEvenlyAsLongAsItIsShared() {
        transferAt(0, "a", "b", 1_000_000);
        transferAt(500_000, "a", "c", 1_000_000);
        time.run(100);
        // the first has half of it alone, the other half at half the speed
        assertEquals(1_500_000, doneNanos.get("ab"), NANOS);
        assertEquals(2_000_000, doneNanos.get("ac"), NANOS);
    }

    @Test
    void theTwoDirectionsOfALinkAndOtherLinksAreApart() {
        transferAt(0, "a", "b", 1_000_000);
        transferAt(0, "b", "a", 1_000_000);
        transferAt(0, "c", "d", 3_000_000);
        time.run(100);
        assertEquals(1_000_000, doneNanos.get("ab"), NANOS);
        assertEquals(1_000_000, doneNanos.get("ba"), NANOS);
        assertEquals(3_000_000, doneNanos.get("cd"), NANOS);
    }

    @Test
    void theNarrowerOfTwoSharesCounts() {
        transferAt(0, "a", "c", 1_000_000);
        transferAt(0, "b", "c", 1_000_000);
        time.run(100);
        assertEquals(2_000_000, doneNanos.get("ac"), NANOS);
        assertEquals(2_000_000, doneNanos.get("bc"), NANOS);
    }
}
