package io.hfx.engine.jinja.value;

import java.util.List;
import java.util.Map;

/**
 * The arguments of a call.
 *
 * @param positional in order
 * @param named by keyword
 * @param budget of the rendering
 */
public record Arguments(List<Value> positional, Map<String, Value> named, Budget budget) {}
