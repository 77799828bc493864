/**
 * The discrete-event simulator: a driver in virtual time of the same scheduler classes that the
 * live server runs.
 */
@NullMarked
package io.hfx.simulator;

import org.jspecify.annotations.NullMarked;
