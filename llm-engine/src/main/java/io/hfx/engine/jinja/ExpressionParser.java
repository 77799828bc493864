package io.hfx.engine.jinja;

import io.hfx.engine.jinja.builtin.Filter;
import io.hfx.engine.jinja.builtin.Filters;
import io.hfx.engine.jinja.builtin.Test;
import io.hfx.engine.jinja.builtin.Tests;
import io.hfx.engine.jinja.value.EvaluationException;
import io.hfx.engine.jinja.value.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parses expressions, from the weakest operator to the strongest. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<String> SUMS = Set.of("+", "-");
    private static final Set<String> PRODUCTS = Set.of("*", "/", "//", "%");
    private static final Set<String> POWERS = Set.of("**");

    private final Tokens tokens;
    private final PrimaryParser primaries;

    /** How many branches of {@code if} are open. */
    private int branches;

    ExpressionParser(Tokens tokens) {
        this.tokens = tokens;
        this.primaries = new PrimaryParser(tokens, this);
    }

    /** One expression, or several with commas between, which make a tuple. */
    Expression tuple(boolean withConditional) {
        Expression first = withConditional ? expression() : disjunction();
        if (!tokens.current().isOperator(",")) {
            return first;
        }
        List<Expression> items = new ArrayList<>(List.of(first));
        while (tokens.skipOperator(",") && !endsTuple()) {
            items.add(withConditional ? expression() : disjunction());
        }
        return new Expression.Items(Sequence.Kind.TUPLE, items);
    }

    private boolean endsTuple() {
        Token.Kind kind = tokens.current().kind();
        return kind == Token.Kind.PRINT_END
                || kind == Token.Kind.BLOCK_END
                || tokens.current().isOperator(")");
    }

    Expression expression() {
        Expression value = disjunction();
        while (tokens.skipName("if")) {
            Expression condition = disjunction();
            Expression otherwise = tokens.skipName("else") ? expression() : null;
            value = new Expression.Conditional(condition, value, otherwise);
        }
        return value;
    }

    Expression disjunction() {
        Expression left = conjunction();
        while (tokens.skipName("or")) {
            left = new Operation.Or(left, conjunction());
        }
        return left;
    }

    private Expression conjunction() {
        Expression left = negation();
        while (tokens.skipName("and")) {
            left = new Operation.And(left, negation());
        }
        return left;
    }

    private Expression negation() {
        return tokens.skipName("not") ? new Operation.Not(negation()) : comparison();
    }

    private Expression comparison() {
        Expression first = sum();
        List<Operation.Comparison.Step> steps = new ArrayList<>();
        for (String operator = comparator(); operator != null; operator = comparator()) {
            steps.add(new Operation.Comparison.Step(operator, sum()));
        }
        return steps.isEmpty() ? first : new Operation.Comparison(first, steps);
    }

    private @Nullable String comparator() {
        Token token = tokens.current();
        if (token.kind() == Token.Kind.OPERATOR && COMPARISONS.contains(token.text())) {
            return tokens.next().text();
        }
        if (tokens.skipName("in")) {
            return "in";
        }
        if (token.isName("not") && tokens.following().isName("in")) {
            tokens.next();
            tokens.next();
            return "not in";
        }
        return null;
    }

    private boolean at(Set<String> operators) {
        return tokens.current().kind() == Token.Kind.OPERATOR
                && operators.contains(tokens.current().text());
    }

    private Expression sum() {
        Expression left = concatenation();
        while (at(SUMS)) {
            left = new Operation.Arithmetic(tokens.next().text(), left, concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        Expression first = product();
        if (!tokens.current().isOperator("~")) {
            return first;
        }
        List<Expression> operands = new ArrayList<>(List.of(first));
        while (tokens.skipOperator("~")) {
            operands.add(product());
        }
        return new Operation.Concat(operands);
    }

    private Expression product() {
        Expression left = power();
        while (at(PRODUCTS)) {
            left = new Operation.Arithmetic(tokens.next().text(), left, power());
        }
        return left;
    }

    private Expression power() {
        Expression left = unary(true);
        while (at(POWERS)) {
            left = new Operation.Arithmetic(tokens.next().text(), left, unary(true));
        }
        return left;
    }

    private Expression unary(boolean withFilters) {
        Expression value;
        if (tokens.skipOperator("-")) {
            value = new Operation.Negate(unary(false));
        } else if (tokens.skipOperator("+")) {
            value = new Operation.Plus(unary(false));
        } else {
            value = primaries.primary();
        }
        value = primaries.postfix(value);
        return withFilters ? filters(value) : value;
    }

    /** Filters, tests and calls behind a value. */
    private Expression filters(Expression input) {
        Expression value = input;
        while (true) {
            if (tokens.skipOperator("|")) {
                value = new Invocation.Filtered(value, filter());
            } else if (tokens.skipName("is")) {
                value = test(value);
            } else if (tokens.current().isOperator("(")) {
                value = new Invocation.Call(value, arguments());
            } else {
                return value;
            }
        }
    }

    /** A filter's name and arguments. */
    Invocation.FilterCall filter() {
        String name = dottedName();
        Filter filter = Filters.find(name);
        if (filter == null) {
            filter = unknown("unknown filter '" + name + "'");
        }
        boolean called = tokens.current().isOperator("(");
        return new Invocation.FilterCall(filter, called ? arguments() : Invocation.Written.NONE);
    }

    /**
     * What is not known is refused now, or, in a branch that may never be taken, when it is used.
     */
    private Filter unknown(String message) {
        if (branches == 0) {
            throw tokens.fail(message);
        }
        return (value, arguments) -> {
            throw new EvaluationException(message);
        };
    }

    /** A branch of an {@code if} begins. */
    void enterBranch() {
        branches++;
    }

    /** A branch of an {@code if} ends. */
    void leaveBranch() {
        branches--;
    }

    private Expression test(Expression input) {
        boolean negated = tokens.skipName("not");
        String name = dottedName();
        Test test = Tests.find(name);
        if (test == null) {
            Filter unknown = unknown("unknown test '" + name + "'");
            test = (value, arguments) -> unknown.apply(value, arguments).truthy();
        }
        Expression tested = new Invocation.Tested(input, test, testArguments());
        return negated ? new Operation.Not(tested) : tested;
    }

    private Invocation.Written testArguments() {
        Token token = tokens.current();
        if (token.isOperator("(")) {
            return arguments();
        }
        boolean word =
                token.kind() == Token.Kind.NAME
                        && !Set.of("else", "or", "and").contains(token.text());
        boolean literal =
                Set.of(Token.Kind.STRING, Token.Kind.INTEGER, Token.Kind.FLOAT)
                        .contains(token.kind());
        if (!word && !literal && !token.isOperator("[") && !token.isOperator("{")) {
            return Invocation.Written.NONE;
        }
        if (token.isName("is")) {
            throw tokens.fail("tests cannot be chained with is");
        }
        Expression argument = primaries.postfix(primaries.primary());
        return new Invocation.Written(List.of(argument), Map.of(), null, null);
    }

    private String dottedName() {
        StringBuilder name = new StringBuilder(tokens.expect(Token.Kind.NAME, "a name").text());
        while (tokens.skipOperator(".")) {
            name.append('.').append(tokens.expect(Token.Kind.NAME, "a name").text());
        }
        return name.toString();
    }

    /** Arguments in parentheses. */
    Invocation.Written arguments() {
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        Expression rest = null;
        Expression restNamed = null;
        while (!tokens.current().isOperator(")")) {
            if (tokens.skipOperator("**")) {
                restNamed = expression();
            } else if (tokens.skipOperator("*")) {
                rest = expression();
            } else if (tokens.current().kind() == Token.Kind.NAME
                    && tokens.following().isOperator("=")) {
                String name = tokens.next().text();
                tokens.next();
                named.put(name, expression());
            } else if (named.isEmpty() && rest == null && restNamed == null) {
                positional.add(expression());
            } else {
                throw tokens.fail("an argument without name follows one with name");
            }
            if (!tokens.skipOperator(",")) {
                break;
            }
        }
        tokens.expectOperator(")");
        return new Invocation.Written(positional, named, rest, restNamed);
    }
}
