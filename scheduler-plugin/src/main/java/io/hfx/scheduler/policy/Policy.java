package io.hfx.scheduler.policy;

import java.util.List;
import java.util.Set;

/**
 * A scheduling policy: a name, and factories for its two halves. The halves share nothing but the
 * configuration. To add one, implement this and list the class in {@code
 * META-INF/services/io.hfx.scheduler.policy.Policy}.
 */
public interface Policy {
    /** As named in configuration: lower-case letters, digits and dashes. */
    String name();

    /** The half that serves one fleet; called once a fleet. */
    FleetPolicy fleet(PolicyConfig config);

    /** The half that serves one worker; called once a worker. */
    StepPolicy step(PolicyConfig config);

    /** All its settings, in the order in which documents list them. */
    default List<Setting> settings() {
        return List.of();
    }

    /** What workers must be able to do. A server refuses a policy that its workers cannot run. */
    default Set<Capability> requires() {
        return Set.of();
    }

    /** Something that not every worker can do. */
    enum Capability {
        /** Suspend a step between slices. */
        INTERRUPT,
        /** Move a running request to another worker with its KV. */
        MIGRATION,
        /**
         * Know how long an output will be, in {@code RequestSpec.expectedTokens}: simulation only.
         */
        OUTPUT_LENGTH_ORACLE
    }
}
