/**
 * The OpenAI API on top of a served model: requests are parsed and checked on a small pool, then
 * live on their connection's event loop, where tokens become text, events and answers. What becomes
 * of each field of a request is listed in {@code Surface}.
 */
@NullMarked
package io.hfx.plugin.openai;

import org.jspecify.annotations.NullMarked;
