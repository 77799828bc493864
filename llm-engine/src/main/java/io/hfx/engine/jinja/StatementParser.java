package io.hfx.engine.jinja;

import io.hfx.engine.jinja.Block.Flow;
import io.hfx.engine.jinja.Block.Placed;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Parses the text and the statements of a template. */
final class StatementParser {
    private static final Set<String> LEFT_OUT =
            Set.of("autoescape", "block", "do", "extends", "from", "import", "include", "trans");
    private static final Block EMPTY = new Block(List.of());

    private final Tokens tokens;
    private final ExpressionParser expressions;
    private int loops;

    private StatementParser(Tokens tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    static Block parse(List<Token> tokens) {
        StatementParser parser = new StatementParser(new Tokens(tokens));
        Block body = parser.block(Set.of());
        if (parser.tokens.current().kind() != Token.Kind.END) {
            throw parser.tokens.unexpected("the end of the template");
        }
        return body;
    }

    /** Up to a statement of one of the names, which becomes the current token. */
    private Block block(Set<String> ends) {
        List<Placed> statements = new ArrayList<>();
        while (tokens.current().kind() != Token.Kind.END) {
            Token token = tokens.next();
            switch (token.kind()) {
                case TEXT ->
                        statements.add(new Placed(new Statement.Text(token.text()), token.line()));
                case PRINT_BEGIN -> {
                    statements.add(
                            new Placed(new Statement.Print(expressions.tuple(true)), token.line()));
                    tokens.expect(Token.Kind.PRINT_END, "'}}'");
                }
                default -> {
                    if (ends.contains(tokens.current().text())) {
                        return new Block(statements);
                    }
                    statements.add(new Placed(statement(), token.line()));
                    endBlock();
                }
            }
        }
        if (!ends.isEmpty()) {
            throw tokens.unexpected(String.join(" or ", new TreeSet<>(ends)));
        }
        return new Block(statements);
    }

    private void endBlock() {
        tokens.expect(Token.Kind.BLOCK_END, "'%}'");
    }

    /** The rest of the opening mark, then a body up to the one end, past its name. */
    private Block body(String end) {
        endBlock();
        Block body = block(Set.of(end));
        tokens.next();
        return body;
    }

    private Statement statement() {
        String name = tokens.expect(Token.Kind.NAME, "a statement").text();
        return switch (name) {
            case "if" -> choice();
            case "for" -> loop();
            case "set" -> assignment();
            case "print" -> print();
            case "macro" -> macro();
            case "call" -> callBlock();
            case "filter" -> filterBlock();
            case "with" -> with();
            case "generation" -> new Statement.Inner(List.of(), body("endgeneration"));
            case "break" -> jump(Flow.BREAK);
            case "continue" -> jump(Flow.CONTINUE);
            default ->
                    throw tokens.fail(
                            (LEFT_OUT.contains(name)
                                            ? "unsupported statement '"
                                            : "unknown statement '")
                                    + name
                                    + "'");
        };
    }

    private Statement print() {
        List<Expression> printed = new ArrayList<>();
        do {
            printed.add(expressions.expression());
        } while (tokens.skipOperator(","));
        return new Statement.Print(new Operation.Concat(printed));
    }

    private Statement jump(Flow flow) {
        if (loops == 0) {
            throw tokens.fail("break and continue must be inside of a loop");
        }
        return new Statement.Jump(flow);
    }

    private Statement choice() {
        List<Map.Entry<Expression, Block>> branches = new ArrayList<>();
        Block otherwise = EMPTY;
        expressions.filters().enterBranch();
        do {
            Expression condition = expressions.tuple(false);
            endBlock();
            branches.add(Map.entry(condition, block(Set.of("elif", "else", "endif"))));
        } while (tokens.skipName("elif"));
        if (tokens.skipName("else")) {
            otherwise = body("endif");
        } else {
            tokens.expectName("endif");
        }
        expressions.filters().leaveBranch();
        return new Statement.Choice(branches, otherwise);
    }

    private Statement loop() {
        Target target = TargetParser.target(tokens, false);
        tokens.expectName("in");
        Expression items = expressions.tuple(false);
        Expression condition = tokens.skipName("if") ? expressions.expression() : null;
        if (tokens.current().isName("recursive")) {
            throw tokens.fail("recursive loops are not supported");
        }
        endBlock();
        loops++;
        Block body = block(Set.of("else", "endfor"));
        loops--;
        Block otherwise = EMPTY;
        if (tokens.skipName("else")) {
            otherwise = body("endfor");
        } else {
            tokens.expectName("endfor");
        }
        return new Loop(target, items, condition, body, otherwise);
    }

    private Statement assignment() {
        Target target = TargetParser.target(tokens, true);
        if (tokens.skipOperator("=")) {
            return new Statement.Assignment(target, expressions.tuple(true));
        }
        List<Invocation.FilterCall> filters = new ArrayList<>();
        while (tokens.skipOperator("|")) {
            filters.add(expressions.filters().filter());
        }
        return new Statement.Assignment(target, new Invocation.Rendered(body("endset"), filters));
    }

    private Statement filterBlock() {
        List<Invocation.FilterCall> filters = new ArrayList<>();
        do {
            filters.add(expressions.filters().filter());
        } while (tokens.skipOperator("|"));
        return new Statement.Print(new Invocation.Rendered(body("endfilter"), filters));
    }

    private Statement with() {
        List<Map.Entry<Target, Expression>> names = new ArrayList<>();
        while (tokens.current().kind() != Token.Kind.BLOCK_END) {
            if (!names.isEmpty()) {
                tokens.expectOperator(",");
            }
            Target target = TargetParser.target(tokens, false);
            tokens.expectOperator("=");
            names.add(Map.entry(target, expressions.expression()));
        }
        return new Statement.Inner(names, body("endwith"));
    }

    private Statement macro() {
        String name = tokens.expect(Token.Kind.NAME, "a name").text();
        return new Statement.MacroDefinition(definition(name, parameters(), "endmacro"));
    }

    private Statement callBlock() {
        List<Macro.Parameter> parameters =
                tokens.current().isOperator("(") ? parameters() : List.of();
        if (!(expressions.expression() instanceof Invocation.Call call)) {
            throw tokens.fail("expected a call");
        }
        return new Statement.CallBlock(definition("caller", parameters, "endcall"), call);
    }

    private Macro.Definition definition(String name, List<Macro.Parameter> parameters, String end) {
        int from = tokens.place();
        int outerLoops = loops;
        loops = 0;
        Block body = body(end);
        loops = outerLoops;
        Set<String> specials = new LinkedHashSet<>(List.of("caller", "kwargs", "varargs"));
        specials.removeIf(each -> !tokens.mentions(from, each));
        return new Macro.Definition(name, parameters, body, specials);
    }

    private List<Macro.Parameter> parameters() {
        tokens.expectOperator("(");
        List<Macro.Parameter> parameters = new ArrayList<>();
        while (!tokens.current().isOperator(")")) {
            if (!parameters.isEmpty()) {
                tokens.expectOperator(",");
            }
            String name = tokens.expect(Token.Kind.NAME, "a name").text();
            boolean optional = tokens.skipOperator("=");
            if (!optional
                    && !parameters.isEmpty()
                    && parameters.get(parameters.size() - 1).fallback() != null) {
                throw tokens.fail("a parameter without default follows one with default");
            }
            parameters.add(new Macro.Parameter(name, optional ? expressions.expression() : null));
        }
        tokens.expectOperator(")");
        return parameters;
    }
}
