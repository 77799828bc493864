package io.hfx.scheduler.policy.parts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ShareLedgerTest {
    @Test
    void creditGrowsOnlyWhileSomebodyWaits() {
        ShareLedger ledger = new ShareLedger(0.5, 100);
        ledger.othersServed(50, false);
        assertFalse(ledger.owes(1));
        ledger.othersServed(50, true);
        assertTrue(ledger.owes(50));
        ledger.leftoverServed(30);
        assertFalse(ledger.owes(21));
        assertTrue(ledger.owes(20));
    }

    @Test
    void theShareIsKeptInTheLongRun() {
        ShareLedger ledger = new ShareLedger(0.05, 1_000);
        double leftover = 0;
        double others = 0;
        for (int i = 0; i < 100_000; i++) {
            if (ledger.owes(40)) {
                ledger.leftoverServed(40);
                leftover += 40;
            } else {
                ledger.othersServed(30, true);
                others += 30;
            }
        }
        assertEquals(0.05, leftover / (leftover + others), 0.0005);
    }

    @Test
    void noCostIsTooHighForever() {
        ShareLedger ledger = new ShareLedger(0.05, 100);
        for (int i = 0; i < 100; i++) {
            ledger.othersServed(20, true);
        }
        assertTrue(ledger.owes(1_000_000));
        assertFalse(new ShareLedger(0, 100).owes(0), "a share of nothing owes nothing");
    }
}
