package io.hfx.scheduler.policy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;

/** Finds policies by name. */
public final class Policies {
    private Policies() {}

    /**
     * The policy of that name; {@code NAME+INNER} is what the wrapper of the first name makes of
     * the policy of the second.
     *
     * @param loader where to look for providers
     * @throws IllegalArgumentException if there is none; the message lists those there are
     */
    public static Policy named(String name, ClassLoader loader) {
        SortedMap<String, Policy> all = all(loader);
        SortedMap<String, PolicyWrapper> wrappers = wrappers(loader);
        String[] names = name.split("\\+", -1);
        Policy policy = all.get(names[names.length - 1]);
        for (int i = names.length - 2; i >= 0 && policy != null; i--) {
            PolicyWrapper wrapper = wrappers.get(names[i]);
            policy = wrapper == null ? null : wrapper.around(policy);
        }
        if (policy == null) {
            List<String> known = new ArrayList<>(all.keySet());
            wrappers.keySet().forEach(wrapper -> known.add(wrapper + "+NAME"));
            throw new IllegalArgumentException(
                    "no policy " + name + "; known policies: " + String.join(", ", known));
        }
        return distinct(policy);
    }

    /** None twice around itself: its settings would mean two things. */
    private static Policy distinct(Policy policy) {
        List<String> keys = policy.settings().stream().map(Setting::key).toList();
        if (new HashSet<>(keys).size() < keys.size()) {
            throw new IllegalArgumentException(
                    "policy " + policy.name() + " has two settings of one name: " + keys);
        }
        return policy;
    }

    /**
     * All wrappers by name, in order of their names.
     *
     * @throws IllegalArgumentException if one cannot be loaded
     */
    public static SortedMap<String, PolicyWrapper> wrappers(ClassLoader loader) {
        TreeMap<String, PolicyWrapper> all = new TreeMap<>();
        for (PolicyWrapper wrapper : loaded(PolicyWrapper.class, loader)) {
            all.put(wrapper.name(), wrapper);
        }
        return all;
    }

    /**
     * All policies by name, in order of their names.
     *
     * @throws IllegalArgumentException if one cannot be loaded, or two have one name
     */
    public static SortedMap<String, Policy> all(ClassLoader loader) {
        TreeMap<String, Policy> all = new TreeMap<>();
        for (Policy policy : loaded(Policy.class, loader)) {
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

    private static <T> List<T> loaded(Class<T> type, ClassLoader loader) {
        try {
            return ServiceLoader.load(type, loader).stream()
                    .map(ServiceLoader.Provider::get)
                    .toList();
        } catch (ServiceConfigurationError e) {
            throw new IllegalArgumentException("cannot load a policy: " + e.getMessage(), e);
        }
    }
}
