package io.hfx.scheduler.policy;

import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;

/** Finds policies by name. */
public final class Policies {
    private Policies() {}

    /**
     * The policy of that name.
     *
     * @param loader where to look for providers
     * @throws IllegalArgumentException if there is none; the message lists those there are
     */
    public static Policy named(String name, ClassLoader loader) {
        SortedMap<String, Policy> all = all(loader);
        Policy policy = all.get(name);
        if (policy == null) {
            throw new IllegalArgumentException(
                    "no policy " + name + "; known policies: " + String.join(", ", all.keySet()));
        }
        return policy;
    }

    /**
     * All policies by name, in order of their names.
     *
     * @throws IllegalArgumentException if one cannot be loaded, or two have one name
     */
    public static SortedMap<String, Policy> all(ClassLoader loader) {
        TreeMap<String, Policy> all = new TreeMap<>();
        for (Policy policy : loaded(loader)) {
            Policy other = all.put(policy.name(), policy);
            if (other != null && !other.getClass().equals(policy.getClass())) {
                throw new IllegalArgumentException(
                        "two policies are named "
                                + policy.name()
                                + ": "
                                + other.getClass().getName()
                                + " and "
                                + policy.getClass().getName());
            }
        }
        return all;
    }

    private static List<Policy> loaded(ClassLoader loader) {
        try {
            return ServiceLoader.load(Policy.class, loader).stream()
                    .map(ServiceLoader.Provider::get)
                    .toList();
        } catch (ServiceConfigurationError e) {
            throw new IllegalArgumentException("cannot load a policy: " + e.getMessage(), e);
        }
    }
}
