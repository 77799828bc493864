/**
 * What policies are made of: orders, budgets, deadlines, loads. Written once here, so that policies
 * differ in their ideas only.
 */
@NullMarked
package io.hfx.scheduler.policy.parts;

import org.jspecify.annotations.NullMarked;
