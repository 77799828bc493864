package io.hfx.engine.jinja;

import io.hfx.engine.jinja.builtin.Attributes;
import io.hfx.engine.jinja.value.Dict;
import io.hfx.engine.jinja.value.None;
import io.hfx.engine.jinja.value.Sequence;
import io.hfx.engine.jinja.value.Slices;
import io.hfx.engine.jinja.value.Undefined;
import io.hfx.engine.jinja.value.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What has a value. */
sealed interface Expression
        permits Expression.Literal,
                Expression.Name,
                Expression.Items,
                Expression.Entries,
                Expression.Attribute,
                Expression.Item,
                Expression.Slice,
                Expression.Conditional,
                Invocation,
                Operation {
    /** Computes it; errors come as {@link io.hfx.engine.jinja.value.EvaluationException}. */
    Value evaluate(Scope scope);

    /** A constant. */
    record Literal(Value value) implements Expression {
        @Override
        public Value evaluate(Scope scope) {
            return value;
        }
    }

    /** A variable or function. */
    record Name(String name) implements Expression {
        @Override
        public Value evaluate(Scope scope) {
            scope.budget().steps(1);
            return scope.get(name);
        }
    }

    /** {@code [a, b]} or {@code (a, b)}. */
    record Items(Sequence.Kind kind, List<Expression> items) implements Expression {
        @Override
        public Value evaluate(Scope scope) {
            scope.budget().steps(items.size());
            List<Value> values = new ArrayList<>(items.size());
            items.forEach(each -> values.add(each.evaluate(scope)));
            return new Sequence(kind, values);
        }
    }

    /** {@code {a: b}}. */
    record Entries(List<Map.Entry<Expression, Expression>> entries) implements Expression {
        @Override
        public Value evaluate(Scope scope) {
            scope.budget().steps(entries.size());
            Map<Value, Value> values = new LinkedHashMap<>();
            entries.forEach(
                    each ->
                            values.put(
                                    Dict.key(each.getKey().evaluate(scope)),
                                    each.getValue().evaluate(scope)));
            return new Dict(values);
        }
    }

    /** {@code of.name}. */
    record Attribute(Expression of, String name) implements Expression {
        @Override
        public Value evaluate(Scope scope) {
            scope.budget().steps(1);
            return Attributes.attribute(of.evaluate(scope), name);
        }
    }

    /** {@code of[key]}. */
    record Item(Expression of, Expression key) implements Expression {
        @Override
        public Value evaluate(Scope scope) {
            scope.budget().steps(1);
            return Attributes.item(of.evaluate(scope), key.evaluate(scope));
        }
    }

    /** {@code of[start:stop:step]}. */
    record Slice(
            Expression of,
            @Nullable Expression start,
            @Nullable Expression stop,
            @Nullable Expression step)
            implements Expression {
        @Override
        public Value evaluate(Scope scope) {
            Value sliced = of.evaluate(scope);
            Value slice =
                    Slices.slice(
                            sliced, bound(start, scope), bound(stop, scope), bound(step, scope));
            scope.budget().steps(slice.length());
            return slice;
        }

        private static Value bound(@Nullable Expression bound, Scope scope) {
            return bound == null ? None.NONE : bound.evaluate(scope);
        }
    }

    /** {@code then if condition else otherwise}. */
    record Conditional(Expression condition, Expression then, @Nullable Expression otherwise)
            implements Expression {
        @Override
        public Value evaluate(Scope scope) {
            if (condition.evaluate(scope).truthy()) {
                return then.evaluate(scope);
            }
            return otherwise == null
                    ? new Undefined("the inline if was false and has no else")
                    : otherwise.evaluate(scope);
        }
    }
}
