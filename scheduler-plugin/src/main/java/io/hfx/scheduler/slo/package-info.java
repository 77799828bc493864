/**
 * What a request asks for and whether it got it: objectives, classes of objectives, and the one
 * place where a finished request is scored.
 */
@NullMarked
package io.hfx.scheduler.slo;

import org.jspecify.annotations.NullMarked;
