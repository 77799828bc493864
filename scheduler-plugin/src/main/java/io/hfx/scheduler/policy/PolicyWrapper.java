package io.hfx.scheduler.policy;

import java.util.List;

/**
 * Makes policies of policies: {@code NAME+INNER} names the one that it makes of {@code INNER}. To
 * add one, implement this and list the class in {@code
 * META-INF/services/io.hfx.scheduler.policy.PolicyWrapper}.
 */
public interface PolicyWrapper {
    /** What stands before the plus: lower-case letters, digits and dashes. */
    String name();

    /** Its own settings, which the policies that it makes have after those of the inner one. */
    List<Setting> settings();

    /** The policy around that one; its name is {@code NAME+INNER}. */
    Policy around(Policy inner);
}
