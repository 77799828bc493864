/**
 * What a scheduling policy decides, apart from the machines that carry it out. A policy is named in
 * configuration and found by <code>ServiceLoader</code>.
 */
@NullMarked
package io.hfx.scheduler.policy;

import org.jspecify.annotations.NullMarked;
