package io.hfx.scheduler.policy.parts;

/**
 * Keeps the guaranteed share of leftover work: while some waits, work done for others earns it
 * credit, and it goes first once the credit covers its cost. The unit is the caller's.
 */
public final class ShareLedger {
    private final double rate;
    private final double mostCredit;
    private double credit;

    /**
     * @param share of all work, 0 to 0.5
     * @param mostCredit bound of the credit, so that a long wait does not buy a long burst
     */
    public ShareLedger(double share, double mostCredit) {
        this.rate = share / (1 - share);
        this.mostCredit = mostCredit;
    }

    /** Work was done for others. */
    public void othersServed(double work, boolean leftoverWaits) {
        if (leftoverWaits) {
            credit = Math.min(mostCredit, credit + work * rate);
        }
    }

    /** Leftover work was done. */
    public void leftoverServed(double work) {
        credit = Math.max(0, credit - work);
    }

    /** Whether leftover work of that cost goes first now. A cost above the bound counts as it. */
    public boolean owes(double cost) {
        return rate > 0 && credit >= Math.min(cost, mostCredit);
    }
}
