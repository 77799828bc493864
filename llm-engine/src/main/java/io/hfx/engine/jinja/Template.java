package io.hfx.engine.jinja;

import io.hfx.engine.jinja.value.Budget;
import io.hfx.engine.jinja.value.Value;
import java.util.Map;

/** A parsed template. Immutable; any thread may render it. */
public final class Template {
    /** Longest template that is read, in characters. */
    public static final int MAX_CHARS = 1 << 20;

    private final Block body;

    private Template(Block body) {
        this.body = body;
    }

    /**
     * Parses a template.
     *
     * @throws TemplateException if it is too long, not of the language, or uses what is not known
     */
    public static Template parse(String source) {
        if (source.length() > MAX_CHARS) {
            throw new TemplateException(
                    1, "the template is longer than " + MAX_CHARS + " characters");
        }
        try {
            return new Template(StatementParser.parse(new Lexer(source).tokens()));
        } catch (StackOverflowError e) {
            throw new TemplateException(1, "the template is nested too deeply");
        }
    }

    /**
     * Renders. What a rendering may compute and produce is bounded, see {@link Budget}.
     *
     * @param variables by name; they hide the functions of the same name
     * @param functions by name
     * @throws TemplateException if it fails
     * @throws io.hfx.engine.jinja.value.RaisedException if it calls {@code raise_exception}
     */
    public String render(Map<String, Value> variables, Map<String, Value> functions) {
        StringBuilder out = new StringBuilder();
        try {
            body.execute(Scope.root(variables, functions, new Budget()), out);
        } catch (StackOverflowError e) {
            throw new TemplateException(
                    1, "the template calls itself, or its data is nested, too deeply");
        }
        return out.toString();
    }
}
