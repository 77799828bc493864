package io.hfx.engine.jinja;

import io.hfx.engine.jinja.value.Arguments;
import io.hfx.engine.jinja.value.Dict;
import io.hfx.engine.jinja.value.Dynamic;
import io.hfx.engine.jinja.value.EvaluationException;
import io.hfx.engine.jinja.value.Sequence;
import io.hfx.engine.jinja.value.Str;
import io.hfx.engine.jinja.value.Undefined;
import io.hfx.engine.jinja.value.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A macro: a function that a template defines. It sees the names of the place of its definition.
 */
final class Macro implements Dynamic {
    /** A parameter and what stands in when it is not given. */
    record Parameter(String name, @Nullable Expression fallback) {}

    /**
     * A macro as it is written.
     *
     * @param specials those of {@code varargs}, {@code kwargs} and {@code caller} that the body
     *     names; what it does not name, a call may not give
     */
    record Definition(String name, List<Parameter> parameters, Block body, Set<String> specials) {}

    private final Definition definition;
    private final Scope outer;

    Macro(Definition definition, Scope outer) {
        this.definition = definition;
        this.outer = outer;
    }

    @Override
    public Value call(Arguments arguments) {
        Scope scope = outer.inner();
        Map<String, Value> named = new LinkedHashMap<>(arguments.named());
        List<Value> positional = arguments.positional();
        List<Parameter> parameters = definition.parameters();
        int given = Math.min(positional.size(), parameters.size());
        for (int i = 0; i < parameters.size(); i++) {
            Value value = i < given ? positional.get(i) : named.remove(parameters.get(i).name());
            scope.set(
                    parameters.get(i).name(),
                    value != null ? value : fallback(parameters.get(i), scope));
        }
        specials(scope, named, positional.subList(given, positional.size()));
        StringBuilder out = new StringBuilder();
        definition.body().execute(scope, out);
        return new Str(out.toString());
    }

    private static Value fallback(Parameter parameter, Scope scope) {
        Expression fallback = parameter.fallback();
        return fallback == null
                ? new Undefined("parameter '" + parameter.name() + "' was not provided")
                : fallback.evaluate(scope);
    }

    private void specials(Scope scope, Map<String, Value> named, List<Value> rest) {
        if (definition.specials().contains("caller")) {
            Value caller = named.remove("caller");
            scope.set("caller", caller == null ? new Undefined("No caller defined") : caller);
        }
        if (definition.specials().contains("kwargs")) {
            scope.set("kwargs", Dict.of(named));
        } else if (!named.isEmpty()) {
            throw new EvaluationException(
                    shown()
                            + " takes no keyword argument '"
                            + named.keySet().iterator().next()
                            + "'");
        }
        if (definition.specials().contains("varargs")) {
            scope.set("varargs", new Sequence(Sequence.Kind.TUPLE, rest));
        } else if (!rest.isEmpty()) {
            throw new EvaluationException(
                    shown()
                            + " takes not more than "
                            + definition.parameters().size()
                            + " argument(s)");
        }
    }

    private String shown() {
        return "macro '" + definition.name() + "'";
    }

    @Override
    public @Nullable Value attribute(String name) {
        return name.equals("name") ? new Str(definition.name()) : null;
    }

    @Override
    public boolean callable() {
        return true;
    }

    @Override
    public String type() {
        return "Macro";
    }
}
