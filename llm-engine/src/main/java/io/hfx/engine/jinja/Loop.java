package io.hfx.engine.jinja;

import io.hfx.engine.jinja.Block.Flow;
import io.hfx.engine.jinja.value.Arguments;
import io.hfx.engine.jinja.value.Bool;
import io.hfx.engine.jinja.value.Dynamic;
import io.hfx.engine.jinja.value.EvaluationException;
import io.hfx.engine.jinja.value.Int;
import io.hfx.engine.jinja.value.Undefined;
import io.hfx.engine.jinja.value.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code for target in items if condition}, with {@code else} for a loop without turns. Names set
 * in a turn end with it.
 */
record Loop(
        Target target,
        Expression items,
        @Nullable Expression condition,
        Block body,
        Block otherwise)
        implements Statement {
    @Override
    public Flow execute(Scope scope, StringBuilder out) {
        List<Value> turns = chosen(items.evaluate(scope).iterate(), scope);
        if (turns.isEmpty()) {
            return otherwise.execute(scope.inner(), out);
        }
        State state = new State(turns);
        for (Value turn : turns) {
            scope.budget().steps(1);
            state.index++;
            Scope inner = scope.inner();
            inner.set("loop", state);
            target.assign(turn, inner);
            if (body.execute(inner, out) == Flow.BREAK) {
                break;
            }
        }
        return Flow.NEXT;
    }

    private List<Value> chosen(List<Value> all, Scope scope) {
        if (condition == null) {
            return all;
        }
        List<Value> chosen = new ArrayList<>();
        for (Value each : all) {
            Scope inner = scope.inner();
            target.assign(each, inner);
            if (condition.evaluate(inner).truthy()) {
                chosen.add(each);
            }
        }
        return chosen;
    }

    /** The variable {@code loop}. */
    private static final class State implements Dynamic {
        private final List<Value> turns;
        private int index = -1;
        private @Nullable List<Value> lastChecked;

        State(List<Value> turns) {
            this.turns = turns;
        }

        @Override
        public @Nullable Value attribute(String name) {
            return switch (name) {
                case "index" -> Int.of(index + 1);
                case "index0" -> Int.of(index);
                case "revindex" -> Int.of(turns.size() - index);
                case "revindex0" -> Int.of(turns.size() - index - 1);
                case "first" -> Bool.of(index == 0);
                case "last" -> Bool.of(index == turns.size() - 1);
                case "length" -> Int.of(turns.size());
                case "depth" -> Int.of(1);
                case "depth0" -> Int.of(0);
                case "previtem" ->
                        index > 0
                                ? turns.get(index - 1)
                                : new Undefined("there is no previous item");
                case "nextitem" ->
                        index + 1 < turns.size()
                                ? turns.get(index + 1)
                                : new Undefined("there is no next item");
                case "cycle" -> new Method(this::cycle);
                case "changed" -> new Method(this::changed);
                default -> null;
            };
        }

        private Value cycle(Arguments arguments) {
            if (arguments.positional().isEmpty()) {
                throw new EvaluationException("no items for cycling given");
            }
            return arguments.positional().get(index % arguments.positional().size());
        }

        private Value changed(Arguments arguments) {
            boolean changed = !arguments.positional().equals(lastChecked);
            lastChecked = arguments.positional();
            return Bool.of(changed);
        }

        @Override
        public int length() {
            return turns.size();
        }

        @Override
        public String type() {
            return "LoopContext";
        }
    }

    private record Method(java.util.function.Function<Arguments, Value> body) implements Dynamic {
        @Override
        public Value call(Arguments arguments) {
            return body.apply(arguments);
        }

        @Override
        public boolean callable() {
            return true;
        }

        @Override
        public String type() {
            return "method";
        }
    }
}
