/**
 * Holds the simulator against a live server: a recorded run is simulated again, request for
 * request, and the figures of both are compared.
 */
@NullMarked
package io.hfx.simulator.fidelity;

import org.jspecify.annotations.NullMarked;
