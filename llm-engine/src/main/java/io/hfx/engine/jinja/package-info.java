/**
 * A subset of the Jinja2 template language, as large as chat templates need it and set up as
 * transformers does: blocks swallow the newline after them and the blanks before them, lists and
 * dicts cannot be changed, and nothing can be included. Text becomes tokens ({@link
 * io.hfx.engine.jinja.Lexer}), tokens become a tree ({@link io.hfx.engine.jinja.StatementParser}),
 * whose nodes evaluate themselves.
 */
@NullMarked
package io.hfx.engine.jinja;

import org.jspecify.annotations.NullMarked;
