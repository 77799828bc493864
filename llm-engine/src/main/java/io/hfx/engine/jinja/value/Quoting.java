package io.hfx.engine.jinja.value;

/** Python's {@code repr} of a text. */
final class Quoting {
    private Quoting() {}

    static String quote(String text) {
        char mark = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        StringBuilder out = new StringBuilder(text.length() + 2).append(mark);
        text.codePoints().forEach(each -> append(out, each, mark));
        return out.append(mark).toString();
    }

    private static void append(StringBuilder out, int codePoint, char mark) {
        switch (codePoint) {
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            case '\\' -> out.append("\\\\");
            default -> {
                if (codePoint == mark) {
                    out.append('\\').append(mark);
                } else if (isPrintable(codePoint)) {
                    out.appendCodePoint(codePoint);
                } else {
                    out.append(escape(codePoint));
                }
            }
        }
    }

    private static String escape(int codePoint) {
        if (codePoint < 0x100) {
            return String.format("\\x%02x", codePoint);
        }
        return String.format(codePoint < 0x10000 ? "\\u%04x" : "\\U%08x", codePoint);
    }

    private static boolean isPrintable(int codePoint) {
        return codePoint == ' '
                || switch (Character.getType(codePoint)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SPACE_SEPARATOR ->
                            false;
                    default -> true;
                };
    }
}
