/** What the server counts and times, in Prometheus' text format; docs/metrics.md lists it. */
@NullMarked
package io.hfx.plugin.metrics;

import org.jspecify.annotations.NullMarked;
