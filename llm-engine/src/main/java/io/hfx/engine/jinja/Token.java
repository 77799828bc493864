package io.hfx.engine.jinja;

/**
 * A token of a template.
 *
 * @param kind what it is
 * @param text the text between marks, a name, an operator, the content of a string, the digits
 * @param line from 1
 */
record Token(Kind kind, String text, int line) {
    enum Kind {
        TEXT,
        PRINT_BEGIN,
        PRINT_END,
        BLOCK_BEGIN,
        BLOCK_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    boolean isName(String name) {
        return kind == Kind.NAME && text.equals(name);
    }

    /** For messages. */
    String shown() {
        return switch (kind) {
            case PRINT_END -> "'}}'";
            case BLOCK_END -> "'%}'";
            case PRINT_BEGIN -> "'{{'";
            case BLOCK_BEGIN -> "'{%'";
            case TEXT -> "text";
            case END -> "the end of the template";
            default -> "'" + text + "'";
        };
    }
}
