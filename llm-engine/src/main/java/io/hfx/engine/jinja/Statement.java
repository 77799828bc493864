package io.hfx.engine.jinja;

import io.hfx.engine.jinja.Block.Flow;
import io.hfx.engine.jinja.value.Value;
import java.util.List;
import java.util.Map;

/** What writes, sets or decides. */
sealed interface Statement
        permits Statement.Text,
                Statement.Print,
                Statement.Choice,
                Statement.Assignment,
                Statement.Inner,
                Statement.Jump,
                Statement.MacroDefinition,
                Statement.CallBlock,
                Loop {
    /** Does it. */
    Flow execute(Scope scope, StringBuilder out);

    private static void write(StringBuilder out, String text, Scope scope) {
        scope.budget().chars(text.length());
        out.append(text);
    }

    /** Text between marks. */
    record Text(String text) implements Statement {
        @Override
        public Flow execute(Scope scope, StringBuilder out) {
            write(out, text, scope);
            return Flow.NEXT;
        }
    }

    /** {@code {{ expression }}}. */
    record Print(Expression expression) implements Statement {
        @Override
        public Flow execute(Scope scope, StringBuilder out) {
            write(out, expression.evaluate(scope).text(), scope);
            return Flow.NEXT;
        }
    }

    /** {@code if}, its {@code elif}s, and {@code else}. */
    record Choice(List<Map.Entry<Expression, Block>> branches, Block otherwise)
            implements Statement {
        @Override
        public Flow execute(Scope scope, StringBuilder out) {
            for (Map.Entry<Expression, Block> branch : branches) {
                if (branch.getKey().evaluate(scope).truthy()) {
                    return branch.getValue().execute(scope, out);
                }
            }
            return otherwise.execute(scope, out);
        }
    }

    /** {@code set target = value}. */
    record Assignment(Target target, Expression value) implements Statement {
        @Override
        public Flow execute(Scope scope, StringBuilder out) {
            target.assign(value.evaluate(scope), scope);
            return Flow.NEXT;
        }
    }

    /** {@code with}, {@code generation}: a block whose names end with it. */
    record Inner(List<Map.Entry<Target, Expression>> names, Block body) implements Statement {
        @Override
        public Flow execute(Scope scope, StringBuilder out) {
            Scope inner = scope.inner();
            names.forEach(each -> each.getKey().assign(each.getValue().evaluate(scope), inner));
            return body.execute(inner, out);
        }
    }

    /** {@code break} or {@code continue}. */
    record Jump(Flow flow) implements Statement {
        @Override
        public Flow execute(Scope scope, StringBuilder out) {
            return flow;
        }
    }

    /** {@code macro}. */
    record MacroDefinition(Macro.Definition macro) implements Statement {
        @Override
        public Flow execute(Scope scope, StringBuilder out) {
            scope.set(macro.name(), new Macro(macro, scope));
            return Flow.NEXT;
        }
    }

    /** {@code call}: calls a macro, which calls this block back as {@code caller}. */
    record CallBlock(Macro.Definition caller, Invocation.Call call) implements Statement {
        @Override
        public Flow execute(Scope scope, StringBuilder out) {
            Value text = call.evaluate(scope, Map.of("caller", new Macro(caller, scope)));
            write(out, text.text(), scope);
            return Flow.NEXT;
        }
    }
}
