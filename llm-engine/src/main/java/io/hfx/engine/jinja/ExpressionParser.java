package io.hfx.engine.jinja;

import io.hfx.engine.jinja.value.Sequence;
import java.util.ArrayList;
import java.util.List;
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
    private final FilterParser filters;

    ExpressionParser(Tokens tokens) {
        this.tokens = tokens;
        this.primaries = new PrimaryParser(tokens, this);
        this.filters = new FilterParser(tokens, primaries);
    }

    FilterParser filters() {
        return filters;
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
        return withFilters ? filters.behind(value) : value;
    }
}
