/**
 * Sample checkpoints that are written offline, to the byte the same on every machine: seeded
 * weights in which attention matters, a byte-level BPE tokenizer, a chat template.
 */
@NullMarked
package io.hfx.engine.sample;

import org.jspecify.annotations.NullMarked;
