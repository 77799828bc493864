package io.hfx.plugin.metrics;

import java.util.HashSet;
import java.util.Set;

/** Values of a label: so many different ones, then {@value #OTHER}. Thread-safe. */
final class BoundedLabels {
    static final String OTHER = "other";

    private final int most;
    private final Set<String> given = new HashSet<>();

    BoundedLabels(int most) {
        this.most = most;
    }

    /** The value itself while there is room for it. */
    synchronized String of(String value) {
        if (given.contains(value) || (given.size() < most && given.add(value))) {
            return value;
        }
        return OTHER;
    }

    /** Makes room. */
    synchronized void release(String value) {
        given.remove(value);
    }
}
