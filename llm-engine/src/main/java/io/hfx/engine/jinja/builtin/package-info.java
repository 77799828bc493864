/**
 * The filters, tests, functions and methods that templates may use: those of Jinja2 and Python that
 * chat templates need, with their names, parameters and results.
 */
@NullMarked
package io.hfx.engine.jinja.builtin;

import org.jspecify.annotations.NullMarked;
