package io.hfx.simulator.workload;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Shares of SLO classes, for traces: none carries objectives, so that they must be assigned. Also
 * of tenants.
 *
 * @param shares weight of each class (or tenant) by its name, each above 0; they need not add up to
 *     1
 */
public record ClassMix(Map<String, Double> shares) {
    public ClassMix {
        shares = Collections.unmodifiableMap(new LinkedHashMap<>(shares));
        if (shares.isEmpty()) {
            throw new WorkloadException("a class mix needs at least one class");
        }
    }

    /** Reads {@code chat} or {@code chat=0.6,report=0.4}. */
    public static ClassMix parse(String text) {
        Map<String, Double> shares = new LinkedHashMap<>();
        for (String part : text.split(",", -1)) {
            String[] sides = part.strip().split("=", 2);
            double share = sides.length == 1 ? 1 : Numbers.positive("share of " + part, sides[1]);
            if (sides[0].isBlank() || shares.put(sides[0], share) != null) {
                throw new WorkloadException(
                        "classes must read NAME=SHARE,..., each name once, was " + text);
            }
        }
        return new ClassMix(shares);
    }

    List<Arrival> assign(List<Arrival> arrivals, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Arrival> assigned = new ArrayList<>(arrivals.size());
        for (Arrival arrival : arrivals) {
            assigned.add(arrival.in(draw(random)));
        }
        return assigned;
    }

    /** Draws a class for each request as it comes. */
    public Iterator<Arrival> classes(Iterator<Arrival> arrivals, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return Streams.map(a -> a.in(draw(random)), arrivals);
    }

    /** Draws a tenant for each request as it comes; the shares are those of tenants. */
    public Iterator<Arrival> tenants(Iterator<Arrival> arrivals, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return Streams.map(a -> a.of(draw(random)), arrivals);
    }

    private String draw(SplittableRandom random) {
        double total = 0;
        for (double share : shares.values()) {
            total += share;
        }
        double left = random.nextDouble() * total;
        String last = "";
        for (Map.Entry<String, Double> entry : shares.entrySet()) {
            last = entry.getKey();
            left -= entry.getValue();
            if (left < 0) {
                break;
            }
        }
        return last;
    }
}
