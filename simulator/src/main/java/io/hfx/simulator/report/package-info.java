/** What studies found, for people and programs: tables, JSON, one HTML page. */
@NullMarked
package io.hfx.simulator.report;

import org.jspecify.annotations.NullMarked;
