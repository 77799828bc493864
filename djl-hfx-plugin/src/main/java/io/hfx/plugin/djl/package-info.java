/**
 * Inside DJL Serving: the server's work-load manager and job queues, with the scheduler in their
 * place, and the OpenAI API of token-level models beside the server's own handlers. Compiled
 * against signature stubs; {@link io.hfx.plugin.djl.ServerInternals} alone uses reflection.
 */
@NullMarked
package io.hfx.plugin.djl;

import org.jspecify.annotations.NullMarked;
