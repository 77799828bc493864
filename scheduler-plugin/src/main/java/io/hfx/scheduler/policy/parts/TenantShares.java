package io.hfx.scheduler.policy.parts;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How the work of late was spread over tenants: sums that fade by {@value #FADING} with each
 * request, over the newest {@value #MOST_TENANTS} tenants. Ours.
 */
public final class TenantShares {
    private static final int MOST_TENANTS = 1_024;
    private static final double FADING = 1.0 / 256;

    /** Beyond it all sums are scaled back. */
    private static final double MOST_UNIT = 1e6;

    /** What is left of a sum that is forgotten, as a share of all. */
    private static final double FORGOTTEN = 1e-4;

    private final Map<String, Double> work = new LinkedHashMap<>(16, 0.75f, true);
    private double total;

    /** What one unit of new work counts; it grows, so that old work fades. */
    private double unit = 1;

    /** A tenant's request of so much work is served. */
    public void add(String tenant, double amount) {
        unit *= 1 + FADING;
        put(tenant, amount * unit);
        if (work.size() > MOST_TENANTS) {
            Map.Entry<String, Double> eldest = work.entrySet().iterator().next();
            total -= eldest.getValue();
            work.remove(eldest.getKey());
        }
        if (unit > MOST_UNIT) {
            scaleBack();
        }
    }

    /** One that was counted last is not served after all. */
    public void takeBack(String tenant, double amount) {
        double counted = work.getOrDefault(tenant, 0.0);
        put(tenant, -Math.min(amount * unit, counted));
    }

    private void put(String tenant, double amount) {
        work.merge(tenant, amount, Double::sum);
        total += amount;
    }

    private void scaleBack() {
        work.values().removeIf(amount -> amount < FORGOTTEN * total);
        work.replaceAll((tenant, amount) -> amount / unit);
        total = work.values().stream().mapToDouble(Double::doubleValue).sum();
        unit = 1;
    }

    /**
     * By how much a tenant got less than an even share.
     *
     * @param most bound of the answer, at least 1
     * @return {@code 1 / most} for one that got much more, 1 for an even share or one tenant alone,
     *     {@code most} for one that got much less
     */
    public double behind(String tenant, double most) {
        double own = work.getOrDefault(tenant, 0.0);
        boolean known = work.containsKey(tenant);
        int tenants = work.size() + (known ? 0 : 1);
        if (tenants == 1 || total <= 0) {
            return 1;
        }
        double even = total / tenants;
        return Math.min(most, Math.max(1 / most, even / Math.max(own, even / (2 * most))));
    }
}
