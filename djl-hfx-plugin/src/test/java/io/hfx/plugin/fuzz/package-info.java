/** Seeded, structure-aware fuzzing of the whole server over its socket. */
package io.hfx.plugin.fuzz;
