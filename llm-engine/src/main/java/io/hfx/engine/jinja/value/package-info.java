/**
 * The values that templates compute with, and what Python does with them: truth, printing,
 * comparing, arithmetic, slicing. Nothing here reaches a Java object by reflection. Values are
 * immutable but for {@link io.hfx.engine.jinja.value.Namespace} and {@link
 * io.hfx.engine.jinja.value.Stream}.
 */
@NullMarked
package io.hfx.engine.jinja.value;

import org.jspecify.annotations.NullMarked;
