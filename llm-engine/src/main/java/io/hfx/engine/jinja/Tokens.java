package io.hfx.engine.jinja;

import java.util.List;

/** The tokens of a template and the place that the parser has come to. */
final class Tokens {
    private final List<Token> tokens;
    private int at;

    /**
     * @param tokens of which the last is the end
     */
    Tokens(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(at);
    }

    Token following() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    int place() {
        return at;
    }

    /** Whether one of the names is among the tokens from a place up to the current one. */
    boolean mentions(int from, String name) {
        return tokens.subList(from, at).stream().anyMatch(each -> each.isName(name));
    }

    Token next() {
        Token token = current();
        at = Math.min(at + 1, tokens.size() - 1);
        return token;
    }

    boolean skipOperator(String operator) {
        return skip(current().isOperator(operator));
    }

    boolean skipName(String name) {
        return skip(current().isName(name));
    }

    private boolean skip(boolean matches) {
        if (matches) {
            next();
        }
        return matches;
    }

    Token expect(Token.Kind kind, String shown) {
        if (current().kind() != kind) {
            throw unexpected(shown);
        }
        return next();
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw unexpected("'" + name + "'");
        }
    }

    TemplateException unexpected(String expected) {
        return fail("expected " + expected + ", found " + current().shown());
    }

    TemplateException fail(String message) {
        return new TemplateException(current().line(), message);
    }
}
