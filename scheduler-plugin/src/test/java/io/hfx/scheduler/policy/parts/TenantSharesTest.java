package io.hfx.scheduler.policy.parts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TenantSharesTest {
    private final TenantShares shares = new TenantShares();

    @Test
    void aTenantAloneIsNotBehind() {
        assertEquals(1, shares.behind("a", 2));
        shares.add("a", 5);
        assertEquals(1, shares.behind("a", 2));
    }

    @Test
    void whoGotLessIsBehindWithinTheBound() {
        for (int i = 0; i < 500; i++) {
            shares.add("flood", 10);
            shares.add("meek", 5);
        }
        assertEquals(1.5, shares.behind("meek", 2), 0.05);
        assertEquals(0.75, shares.behind("flood", 2), 0.05);
        assertEquals(2, shares.behind("new", 2));
        assertEquals(1.2, shares.behind("meek", 1.2), 1e-9);
        assertEquals(1 / 1.2, shares.behind("flood", 1.2), 1e-9);
    }

    @Test
    void oldWorkFades() {
        shares.add("early", 1_000);
        for (int i = 0; i < 6_000; i++) {
            shares.add(i % 2 == 0 ? "a" : "b", 1);
        }
        assertEquals(2, shares.behind("early", 2));
        assertEquals(1, shares.behind("a", 2), 0.6);
    }

    @Test
    void whatWasTakenBackDoesNotCount() {
        shares.add("a", 10);
        shares.add("b", 10);
        double before = shares.behind("b", 4);
        shares.add("b", 10);
        assertTrue(shares.behind("b", 4) < before);
        shares.takeBack("b", 10);
        assertEquals(before, shares.behind("b", 4), 0.01);
    }

    @Test
    void manyTenantsAreBounded() {
        for (int i = 0; i < 10_000; i++) {
            shares.add("t" + i, 1);
        }
        assertEquals(1, shares.behind("t9999", 2), 0.9);
        assertEquals(2, shares.behind("t1", 2));
    }
}
