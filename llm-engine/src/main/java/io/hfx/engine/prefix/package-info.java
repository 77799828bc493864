/**
 * The prefix cache: KV blocks of past prompts and outputs in host memory, found again by the tokens
 * that they were made of. docs/prefix-cache.md.
 */
@NullMarked
package io.hfx.engine.prefix;

import org.jspecify.annotations.NullMarked;
