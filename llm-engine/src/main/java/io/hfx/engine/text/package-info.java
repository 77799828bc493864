/**
 * Text to tokens and back: the checkpoint's tokenizer, its chat template, and a detokeniser that
 * never emits half a character.
 */
@NullMarked
package io.hfx.engine.text;

import org.jspecify.annotations.NullMarked;
