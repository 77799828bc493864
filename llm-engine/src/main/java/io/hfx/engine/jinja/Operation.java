package io.hfx.engine.jinja;

import io.hfx.engine.jinja.value.Bool;
import io.hfx.engine.jinja.value.Compare;
import io.hfx.engine.jinja.value.Operators;
import io.hfx.engine.jinja.value.Str;
import io.hfx.engine.jinja.value.Value;
import java.util.List;

/** Operators. */
sealed interface Operation extends Expression {
    /** {@code not operand}. */
    record Not(Expression operand) implements Operation {
        @Override
        public Value evaluate(Scope scope) {
            return Bool.of(!operand.evaluate(scope).truthy());
        }
    }

    /** {@code -operand}. */
    record Negate(Expression operand) implements Operation {
        @Override
        public Value evaluate(Scope scope) {
            return Operators.negate(operand.evaluate(scope));
        }
    }

    /** {@code +operand}. */
    record Plus(Expression operand) implements Operation {
        @Override
        public Value evaluate(Scope scope) {
            return Operators.plus(operand.evaluate(scope));
        }
    }

    /** {@code left and right}: one of the two, as in Python. */
    record And(Expression left, Expression right) implements Operation {
        @Override
        public Value evaluate(Scope scope) {
            Value value = left.evaluate(scope);
            return value.truthy() ? right.evaluate(scope) : value;
        }
    }

    /** {@code left or right}: one of the two, as in Python. */
    record Or(Expression left, Expression right) implements Operation {
        @Override
        public Value evaluate(Scope scope) {
            Value value = left.evaluate(scope);
            return value.truthy() ? value : right.evaluate(scope);
        }
    }

    /** {@code a ~ b ~ c}: the texts of all. */
    record Concat(List<Expression> operands) implements Operation {
        @Override
        public Value evaluate(Scope scope) {
            StringBuilder out = new StringBuilder();
            for (Expression operand : operands) {
                String text = operand.evaluate(scope).text();
                scope.budget().chars(text.length());
                out.append(text);
            }
            return new Str(out.toString());
        }
    }

    /** Arithmetic of two operands. */
    record Arithmetic(String operator, Expression left, Expression right) implements Operation {
        @Override
        public Value evaluate(Scope scope) {
            scope.budget().steps(1);
            Value a = left.evaluate(scope);
            Value b = right.evaluate(scope);
            return switch (operator) {
                case "+" -> Operators.add(a, b, scope.budget());
                case "-" -> Operators.subtract(a, b);
                case "*" -> Operators.multiply(a, b, scope.budget());
                case "/" -> Operators.divide(a, b);
                case "//" -> Operators.floorDivide(a, b);
                case "%" -> Operators.modulo(a, b, scope.budget());
                case "**" -> Operators.power(a, b);
                default -> throw new IllegalStateException(operator);
            };
        }
    }

    /** {@code first < second <= third}: true if every step holds. */
    record Comparison(Expression first, List<Step> steps) implements Operation {
        /** An operator and its right side. */
        record Step(String operator, Expression right) {}

        @Override
        public Value evaluate(Scope scope) {
            scope.budget().steps(steps.size());
            Value left = first.evaluate(scope);
            for (Step step : steps) {
                Value right = step.right().evaluate(scope);
                if (!holds(left, step.operator(), right)) {
                    return Bool.FALSE;
                }
                left = right;
            }
            return Bool.TRUE;
        }

        private static boolean holds(Value a, String operator, Value b) {
            return switch (operator) {
                case "==" -> a.equals(b);
                case "!=" -> !a.equals(b);
                case "<" -> Compare.order(a, b, operator) < 0;
                case "<=" -> Compare.order(a, b, operator) <= 0;
                case ">" -> Compare.order(a, b, operator) > 0;
                case ">=" -> Compare.order(a, b, operator) >= 0;
                case "in" -> Compare.contains(b, a);
                case "not in" -> !Compare.contains(b, a);
                default -> throw new IllegalStateException(operator);
            };
        }
    }
}
