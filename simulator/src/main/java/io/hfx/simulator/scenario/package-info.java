/**
 * Scenarios: what is offered to which fleet, written down; runs of them, one by one and many at a
 * time. Docs: docs/simulator.md.
 */
@NullMarked
package io.hfx.simulator.scenario;

import org.jspecify.annotations.NullMarked;
