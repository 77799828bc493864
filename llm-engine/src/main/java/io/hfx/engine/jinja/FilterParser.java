package io.hfx.engine.jinja;

import io.hfx.engine.jinja.builtin.Filter;
import io.hfx.engine.jinja.builtin.Filters;
import io.hfx.engine.jinja.builtin.Test;
import io.hfx.engine.jinja.builtin.Tests;
import io.hfx.engine.jinja.value.EvaluationException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parses the filters and tests behind a value. */
final class FilterParser {
    private final Tokens tokens;
    private final PrimaryParser primaries;

    /** How many branches of {@code if} are open. */
    private int branches;

    FilterParser(Tokens tokens, PrimaryParser primaries) {
        this.tokens = tokens;
        this.primaries = primaries;
    }

    /** Filters, tests and calls behind a value. */
    Expression behind(Expression input) {
        Expression value = input;
        while (true) {
            if (tokens.skipOperator("|")) {
                value = new Invocation.Filtered(value, filter());
            } else if (tokens.skipName("is")) {
                value = test(value);
            } else if (tokens.current().isOperator("(")) {
                value = new Invocation.Call(value, primaries.arguments());
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
        return new Invocation.FilterCall(
                filter, called ? primaries.arguments() : Invocation.Written.NONE);
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
            return primaries.arguments();
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
}
