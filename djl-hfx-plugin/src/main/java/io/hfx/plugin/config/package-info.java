/** Configuration: read in one place, checked there, handed on as records. */
@NullMarked
package io.hfx.plugin.config;

import org.jspecify.annotations.NullMarked;
