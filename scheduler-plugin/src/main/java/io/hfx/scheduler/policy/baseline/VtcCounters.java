package io.hfx.scheduler.policy.baseline;

import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What each tenant was served, and how many of its requests wait. Those that were heard of last are
 * kept, and those that wait always; a tenant for which there is no room shares the counter of
 * {@link #OTHERS}.
 */
final class VtcCounters {
    static final int MOST_TENANTS = 1_024;

    /** Also the tenant of requests of which nobody says. */
    static final String OTHERS = "";

    private final Map<String, Counter> counters = new LinkedHashMap<>(64, 0.75f, true);

    private final Counter others = new Counter();

    /** Of the tenant that stopped waiting last. */
    private double lastServed;

    private static final class Counter {
        private double served;
        private int waiting;
    }

    VtcCounters() {
        counters.put(OTHERS, others);
    }

    /**
     * A request begins to wait. Where it is its tenant's first, the counter is lifted to the least
     * of those that wait, or to that of the tenant that waited last.
     *
     * @return the name of its counter: the tenant's, or {@link #OTHERS}
     */
    String waits(String tenant) {
        String name = named(tenant);
        Counter counter = of(name);
        if (counter.waiting == 0) {
            counter.served = Math.max(counter.served, least());
        }
        counter.waiting++;
        return name;
    }

    /** It waits no longer. */
    void waitsNoLonger(String name) {
        Counter counter = of(name);
        counter.waiting--;
        if (counter.waiting == 0) {
            lastServed = counter.served;
        }
    }

    /** Those that wait now are exactly of these tenants; new ones are lifted. */
    void waitNow(Collection<String> tenants) {
        double least = least();
        for (String tenant : tenants) {
            Counter counter = of(named(tenant));
            if (counter.waiting == 0) {
                counter.served = Math.max(counter.served, least);
            }
        }
        for (Counter counter : counters.values()) {
            if (counter.waiting > 0) {
                counter.waiting = 0;
                lastServed = counter.served;
            }
        }
        tenants.forEach(tenant -> of(named(tenant)).waiting = 1);
    }

    /** Least counter of those that wait; where nobody does, that of who did last. */
    private double least() {
        double least = Double.POSITIVE_INFINITY;
        for (Counter counter : counters.values()) {
            if (counter.waiting > 0) {
                least = Math.min(least, counter.served);
            }
        }
        return least == Double.POSITIVE_INFINITY ? lastServed : least;
    }

    void charge(String tenant, double worth) {
        of(tenant).served += worth;
    }

    double served(String tenant) {
        return of(tenant).served;
    }

    int size() {
        return counters.size();
    }

    private Counter of(String tenant) {
        Counter counter = counters.get(tenant);
        return counter != null ? counter : others;
    }

    private String named(String tenant) {
        if (counters.containsKey(tenant)) {
            return tenant;
        }
        if (counters.size() > MOST_TENANTS && !forgetOne()) {
            return OTHERS;
        }
        counters.put(tenant, new Counter());
        return tenant;
    }

    /** Forgets the tenant that was heard of longest ago and waits for nothing. */
    private boolean forgetOne() {
        Iterator<Map.Entry<String, Counter>> eldest = counters.entrySet().iterator();
        while (eldest.hasNext()) {
            Map.Entry<String, Counter> each = eldest.next();
            if (each.getValue().waiting == 0 && !each.getKey().equals(OTHERS)) {
                eldest.remove();
                return true;
            }
        }
        return false;
    }
}
