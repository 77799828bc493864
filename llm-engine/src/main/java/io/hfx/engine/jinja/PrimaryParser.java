package io.hfx.engine.jinja;

import io.hfx.engine.jinja.value.Bool;
import io.hfx.engine.jinja.value.Int;
import io.hfx.engine.jinja.value.None;
import io.hfx.engine.jinja.value.Real;
import io.hfx.engine.jinja.value.Sequence;
import io.hfx.engine.jinja.value.Str;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Parses names, literals, and what may follow a value directly. */
final class PrimaryParser {
    private final Tokens tokens;
    private final ExpressionParser expressions;

    PrimaryParser(Tokens tokens, ExpressionParser expressions) {
        this.tokens = tokens;
        this.expressions = expressions;
    }

    Expression primary() {
        Token token = tokens.current();
        return switch (token.kind()) {
            case NAME -> name(tokens.next().text());
            case STRING -> new Expression.Literal(new Str(strings()));
            case INTEGER -> new Expression.Literal(integer(tokens.next().text()));
            case FLOAT ->
                    new Expression.Literal(
                            new Real(Double.parseDouble(tokens.next().text().replace("_", ""))));
            case OPERATOR -> bracketed();
            default -> throw tokens.unexpected("an expression");
        };
    }

    private static Expression name(String name) {
        return switch (name) {
            case "true", "True" -> new Expression.Literal(Bool.TRUE);
            case "false", "False" -> new Expression.Literal(Bool.FALSE);
            case "none", "None" -> new Expression.Literal(None.NONE);
            default -> new Expression.Name(name);
        };
    }

    /** Strings beside each other are one. */
    private String strings() {
        StringBuilder text = new StringBuilder();
        while (tokens.current().kind() == Token.Kind.STRING) {
            text.append(tokens.next().text());
        }
        return text.toString();
    }

    private static Int integer(String text) {
        String digits = text.replace("_", "").toLowerCase(Locale.ROOT);
        int base =
                digits.startsWith("0x")
                        ? 16
                        : digits.startsWith("0o") ? 8 : digits.startsWith("0b") ? 2 : 10;
        return new Int(new BigInteger(base == 10 ? digits : digits.substring(2), base));
    }

    private Expression bracketed() {
        if (tokens.skipOperator("(")) {
            Expression inner =
                    tokens.current().isOperator(")")
                            ? new Expression.Items(Sequence.Kind.TUPLE, List.of())
                            : expressions.tuple(true);
            tokens.expectOperator(")");
            return inner;
        }
        if (tokens.skipOperator("[")) {
            List<Expression> items = new ArrayList<>();
            while (!tokens.current().isOperator("]")) {
                items.add(expressions.expression());
                if (!tokens.skipOperator(",")) {
                    break;
                }
            }
            tokens.expectOperator("]");
            return new Expression.Items(Sequence.Kind.LIST, items);
        }
        if (tokens.skipOperator("{")) {
            return entries();
        }
        throw tokens.unexpected("an expression");
    }

    private Expression entries() {
        List<Map.Entry<Expression, Expression>> entries = new ArrayList<>();
        while (!tokens.current().isOperator("}")) {
            Expression key = expressions.expression();
            tokens.expectOperator(":");
            entries.add(Map.entry(key, expressions.expression()));
            if (!tokens.skipOperator(",")) {
                break;
            }
        }
        tokens.expectOperator("}");
        return new Expression.Entries(entries);
    }

    /** Attributes, subscripts and calls behind a value. */
    Expression postfix(Expression base) {
        Expression value = base;
        while (true) {
            if (tokens.skipOperator(".")) {
                value = attribute(value);
            } else if (tokens.skipOperator("[")) {
                value = subscript(value);
            } else if (tokens.current().isOperator("(")) {
                value = new Invocation.Call(value, arguments());
            } else {
                return value;
            }
        }
    }

    private Expression attribute(Expression of) {
        if (tokens.current().kind() == Token.Kind.INTEGER) {
            return new Expression.Item(of, new Expression.Literal(integer(tokens.next().text())));
        }
        return new Expression.Attribute(
                of, tokens.expect(Token.Kind.NAME, "a name or number").text());
    }

    private Expression subscript(Expression of) {
        Expression start = tokens.current().isOperator(":") ? null : expressions.tuple(true);
        if (!tokens.skipOperator(":")) {
            if (start == null) {
                throw tokens.unexpected("an expression");
            }
            tokens.expectOperator("]");
            return new Expression.Item(of, start);
        }
        Expression stop = endsBound() ? null : expressions.expression();
        Expression step =
                tokens.skipOperator(":") && !endsBound() ? expressions.expression() : null;
        tokens.expectOperator("]");
        return new Expression.Slice(of, start, stop, step);
    }

    private boolean endsBound() {
        return tokens.current().isOperator(":") || tokens.current().isOperator("]");
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
                restNamed = expressions.expression();
            } else if (tokens.skipOperator("*")) {
                rest = expressions.expression();
            } else if (tokens.current().kind() == Token.Kind.NAME
                    && tokens.following().isOperator("=")) {
                String name = tokens.next().text();
                tokens.next();
                named.put(name, expressions.expression());
            } else if (named.isEmpty() && rest == null && restNamed == null) {
                positional.add(expressions.expression());
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
