package io.hfx.engine.jinja.value;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a function that Java implements.
 *
 * @param name of the function, for messages
 * @param parameters their names, the required ones first
 * @param required how many of them must be given
 */
public record Signature(String name, List<String> parameters, int required) {
    /**
     * Reads a short form.
     *
     * @param parameters names with blanks between, those that may be left out marked by {@code ?}
     */
    public static Signature of(String name, String parameters) {
        List<String> all =
                parameters.isEmpty() ? List.of() : Arrays.asList(parameters.split(" ", -1));
        int required = (int) all.stream().filter(each -> !each.endsWith("?")).count();
        return new Signature(
                name, all.stream().map(each -> each.replace("?", "")).toList(), required);
    }

    /**
     * Puts arguments to their parameters.
     *
     * @throws EvaluationException if one is missing, unknown, or given twice
     */
    public Bound bind(Arguments arguments) {
        @Nullable Value[] values = new @Nullable Value[parameters.size()];
        if (arguments.positional().size() > values.length) {
            throw new EvaluationException(
                    name
                            + "() takes at most "
                            + values.length
                            + " arguments, was given "
                            + arguments.positional().size());
        }
        for (int i = 0; i < arguments.positional().size(); i++) {
            values[i] = arguments.positional().get(i);
        }
        arguments.named().forEach((keyword, value) -> put(values, keyword, value));
        for (int i = 0; i < required; i++) {
            if (values[i] == null) {
                throw new EvaluationException(name + "() needs the argument " + parameters.get(i));
            }
        }
        return new Bound(this, values, arguments.budget());
    }

    private void put(@Nullable Value[] values, String keyword, Value value) {
        int at = parameters.indexOf(keyword);
        if (at < 0) {
            throw new EvaluationException(name + "() knows no argument " + keyword);
        }
        if (values[at] != null) {
            throw new EvaluationException(name + "() was given the argument " + keyword + " twice");
        }
        values[at] = value;
    }
}
