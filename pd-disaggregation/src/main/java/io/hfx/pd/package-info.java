/**
 * Prefill/decode disaggregation: worker roles, the links between them, the state machine of a KV
 * hand-off, and the port through which KV moves. A lease is the only way to hold KV blocks on
 * another worker: it is reserved before the transfer starts and closed once. Empty for now; workers
 * run MIXED.
 */
@NullMarked
package io.hfx.pd;

import org.jspecify.annotations.NullMarked;
