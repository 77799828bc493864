package io.hfx.engine.jinja;

import io.hfx.engine.jinja.builtin.Filter;
import io.hfx.engine.jinja.builtin.Test;
import io.hfx.engine.jinja.value.Arguments;
import io.hfx.engine.jinja.value.Bool;
import io.hfx.engine.jinja.value.Dict;
import io.hfx.engine.jinja.value.Dynamic;
import io.hfx.engine.jinja.value.EvaluationException;
import io.hfx.engine.jinja.value.Str;
import io.hfx.engine.jinja.value.Undefined;
import io.hfx.engine.jinja.value.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What takes arguments: calls, filters and tests. */
sealed interface Invocation extends Expression {
    /** Arguments as they are written; {@code rest} and {@code restNamed} stand behind stars. */
    record Written(
            List<Expression> positional,
            Map<String, Expression> named,
            @Nullable Expression rest,
            @Nullable Expression restNamed) {
        static final Written NONE = new Written(List.of(), Map.of(), null, null);

        Arguments evaluate(Scope scope) {
            scope.budget().steps(1 + positional.size() + named.size());
            List<Value> values = new ArrayList<>(positional.size());
            positional.forEach(each -> values.add(each.evaluate(scope)));
            Map<String, Value> keywords = new LinkedHashMap<>();
            named.forEach((name, each) -> keywords.put(name, each.evaluate(scope)));
            if (rest != null) {
                values.addAll(rest.evaluate(scope).iterate());
            }
            if (restNamed != null) {
                if (!(restNamed.evaluate(scope) instanceof Dict dict)) {
                    throw new EvaluationException("the argument after ** must be a mapping");
                }
                dict.entries().forEach((key, value) -> keywords.put(key.text(), value));
            }
            return new Arguments(values, keywords, scope.budget());
        }
    }

    /** {@code callee(arguments)}. */
    record Call(Expression callee, Written arguments) implements Invocation {
        @Override
        public Value evaluate(Scope scope) {
            return evaluate(scope, Map.of());
        }

        /** With further named arguments. */
        Value evaluate(Scope scope, Map<String, Value> further) {
            Value function = callee.evaluate(scope);
            Arguments given = arguments.evaluate(scope);
            given.named().putAll(further);
            if (function instanceof Dynamic dynamic) {
                return dynamic.call(given);
            }
            if (function instanceof Undefined undefined) {
                throw undefined.refuse();
            }
            throw new EvaluationException("'" + function.type() + "' object is not callable");
        }
    }

    /** {@code | filter(arguments)}. */
    record FilterCall(Filter filter, Written arguments) {
        Value apply(Value input, Scope scope) {
            return filter.apply(input, arguments.evaluate(scope));
        }
    }

    /** {@code input | filter(arguments)}. */
    record Filtered(Expression input, FilterCall filter) implements Invocation {
        @Override
        public Value evaluate(Scope scope) {
            return filter.apply(input.evaluate(scope), scope);
        }
    }

    /** {@code input is test(arguments)}. */
    record Tested(Expression input, Test test, Written arguments) implements Invocation {
        @Override
        public Value evaluate(Scope scope) {
            Value value = input.evaluate(scope);
            return Bool.of(test.passes(value, arguments.evaluate(scope)));
        }
    }

    /** The text of a block, put to the filters that stand before it. */
    record Rendered(Block body, List<FilterCall> filters) implements Invocation {
        @Override
        public Value evaluate(Scope scope) {
            StringBuilder out = new StringBuilder();
            body.execute(scope.inner(), out);
            Value value = new Str(out.toString());
            for (FilterCall filter : filters) {
                value = filter.apply(value, scope);
            }
            return value;
        }
    }
}
