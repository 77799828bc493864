package io.hfx.engine.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Parses what a value is given to. */
final class TargetParser {
    private static final Set<String> CONSTANTS =
            Set.of("true", "True", "false", "False", "none", "None");

    private TargetParser() {}

    /** Names, several of them with commas between; an attribute where {@code attributes}. */
    static Target target(Tokens tokens, boolean attributes) {
        boolean bracketed = tokens.skipOperator("(");
        List<Target> targets = new ArrayList<>();
        boolean several = false;
        do {
            targets.add(oneTarget(tokens, attributes));
            several |= tokens.current().isOperator(",");
        } while (tokens.skipOperator(",") && tokens.current().kind() == Token.Kind.NAME);
        if (bracketed) {
            tokens.expectOperator(")");
        }
        return several ? new Target.Several(targets) : targets.get(0);
    }

    private static Target oneTarget(Tokens tokens, boolean attributes) {
        if (tokens.current().isOperator("(")) {
            return target(tokens, attributes);
        }
        String name = tokens.expect(Token.Kind.NAME, "a name").text();
        if (CONSTANTS.contains(name)) {
            throw tokens.fail("cannot assign to " + name);
        }
        return attributes && tokens.skipOperator(".")
                ? new Target.Attribute(name, tokens.expect(Token.Kind.NAME, "a name").text())
                : new Target.Name(name);
    }
}
