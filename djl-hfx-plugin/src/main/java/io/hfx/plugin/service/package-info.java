/**
 * The seam between the HTTP front and a served model: requests go in, tokens come back to a
 * listener.
 */
@NullMarked
package io.hfx.plugin.service;

import org.jspecify.annotations.NullMarked;
