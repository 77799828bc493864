package io.hfx.engine.jinja;

/** The backslash escapes of a string, as in Python; one that is not known stays as it is. */
final class Escapes {
    private Escapes() {}

    static String decode(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\' || i + 1 == text.length()) {
                out.append(c);
            } else {
                i = escape(text, i + 1, out);
            }
        }
        return out.toString();
    }

    /** Appends what the escape at a place means; returns the place of its last character. */
    private static int escape(String text, int at, StringBuilder out) {
        char c = text.charAt(at);
        int simple = "abfnrtv\\'\"".indexOf(c);
        if (simple >= 0) {
            out.append("\u0007\b\f\n\r\t\u000b\\'\"".charAt(simple));
            return at;
        }
        return switch (c) {
            case '\n' -> at;
            case 'x' -> hex(text, at, 2, out);
            case 'u' -> hex(text, at, 4, out);
            case 'U' -> hex(text, at, 8, out);
            case '0', '1', '2', '3', '4', '5', '6', '7' -> octal(text, at, out);
            default -> {
                out.append('\\').append(c);
                yield at;
            }
        };
    }

    private static int hex(String text, int at, int digits, StringBuilder out) {
        int end = at + 1 + digits;
        String number = end <= text.length() ? text.substring(at + 1, end) : "";
        if (!number.matches("[0-9a-fA-F]+")
                || Long.parseLong(number, 16) > Character.MAX_CODE_POINT) {
            out.append('\\').append(text.charAt(at));
            return at;
        }
        out.appendCodePoint(Integer.parseInt(number, 16));
        return end - 1;
    }

    private static int octal(String text, int at, StringBuilder out) {
        int end = at;
        while (end < text.length()
                && end < at + 3
                && text.charAt(end) >= '0'
                && text.charAt(end) <= '7') {
            end++;
        }
        out.append((char) Integer.parseInt(text.substring(at, end), 8));
        return end - 1;
    }
}
