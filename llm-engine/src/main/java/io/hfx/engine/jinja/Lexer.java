package io.hfx.engine.jinja;

import io.hfx.engine.jinja.value.Texts;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a template into tokens, with Jinja2's {@code trim_blocks} and {@code lstrip_blocks} on. Used
 * once.
 */
final class Lexer {
    private static final Pattern RAW = Pattern.compile("\\{%[-+]?\\s*raw\\s*(-%}\\s*|%})");
    private static final Pattern END_RAW =
            Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(\\+%}|-%}\\s*|%}\\n?)");
    private static final Pattern COMMENT_END = Pattern.compile("\\+#}|-#}\\s*|#}\\n?");
    private static final Pattern BLOCK_END = Pattern.compile("\\+%}|-%}\\s*|%}\\n?");
    private static final Pattern PRINT_END = Pattern.compile("-}}\\s*|}}");
    private static final Pattern BLANK = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern FLOAT =
            Pattern.compile(
                    "(?<!\\.)(\\d+_)*\\d+((\\.(\\d+_)*\\d+)?[eE][+-]?(\\d+_)*\\d+|\\.(\\d+_)*\\d+)");
    private static final Pattern INTEGER =
            Pattern.compile(
                    "0[bB](_?[01])+|0[oO](_?[0-7])+|0[xX](_?[0-9a-fA-F])+|[1-9](_?\\d)*|0(_?0)*");
    private static final Pattern NAME =
            Pattern.compile("[\\p{L}_][\\w]*", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern STRING =
            Pattern.compile("'(?:[^'\\\\]|\\\\.)*+'|\"(?:[^\"\\\\]|\\\\.)*+\"", Pattern.DOTALL);
    private static final Pattern OPERATOR =
            Pattern.compile("\\*\\*|//|==|!=|>=|<=|[-+*/%~\\[\\](){}<>=.:|,;]");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;

    /** Whether the token before ended with a line's end, or there was none. */
    private boolean lineBegins = true;

    Lexer(String source) {
        String lines = source.replace("\r\n", "\n").replace('\r', '\n');
        this.source = lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
    }

    List<Token> tokens() {
        for (int mark = nextMark(); mark < source.length(); mark = nextMark()) {
            text(mark);
            Matcher raw = matcher(RAW, mark);
            if (raw.lookingAt()) {
                take(raw.end());
                raw();
                continue;
            }
            char kind = source.charAt(mark + 1);
            take(mark + (isSign(sign(mark)) ? 3 : 2));
            switch (kind) {
                case '#' -> comment();
                case '{' -> expression(Token.Kind.PRINT_BEGIN, Token.Kind.PRINT_END, PRINT_END);
                default -> expression(Token.Kind.BLOCK_BEGIN, Token.Kind.BLOCK_END, BLOCK_END);
            }
        }
        add(Token.Kind.TEXT, source.substring(at));
        take(source.length());
        add(Token.Kind.END, "");
        return tokens;
    }

    private int nextMark() {
        for (int i = source.indexOf('{', at);
                i >= 0 && i + 1 < source.length();
                i = source.indexOf('{', i + 1)) {
            if ("{%#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return source.length();
    }

    private char sign(int mark) {
        return mark + 2 < source.length() ? source.charAt(mark + 2) : ' ';
    }

    private static boolean isSign(char c) {
        return c == '-' || c == '+';
    }

    /** The text before a mark, without the blanks that the mark takes away. */
    private void text(int mark) {
        String text =
                stripped(source.substring(at, mark), sign(mark), source.charAt(mark + 1) == '{');
        add(Token.Kind.TEXT, text);
        take(mark);
    }

    private String stripped(String text, char sign, boolean print) {
        if (sign == '-') {
            return Texts.stripRight(text, Texts::isSpace);
        }
        int begin = text.lastIndexOf('\n') + 1;
        boolean indents = sign != '+' && !print && (begin > 0 || lineBegins);
        return indents && text.substring(begin).chars().allMatch(Texts::isSpace)
                ? text.substring(0, begin)
                : text;
    }

    private void raw() {
        Matcher end = matcher(END_RAW, at);
        if (!end.find()) {
            throw fail("Missing end of raw directive");
        }
        char sign = end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0);
        add(Token.Kind.TEXT, stripped(source.substring(at, end.start()), sign, false));
        take(end.end());
    }

    private void comment() {
        Matcher end = matcher(COMMENT_END, at);
        if (!end.find()) {
            throw fail("Missing end of comment tag");
        }
        take(end.end());
    }

    private void expression(Token.Kind begin, Token.Kind end, Pattern endMark) {
        add(begin, "");
        Deque<Character> open = new ArrayDeque<>();
        while (true) {
            Matcher closing = matcher(endMark, at);
            if (open.isEmpty() && closing.lookingAt()) {
                add(end, "");
                take(closing.end());
                return;
            }
            if (at >= source.length()) {
                throw fail("the template ends inside of a mark");
            }
            token(open);
        }
    }

    private void token(Deque<Character> open) {
        if (lookingAt(BLANK, null)
                || lookingAt(FLOAT, Token.Kind.FLOAT)
                || lookingAt(INTEGER, Token.Kind.INTEGER)
                || lookingAt(NAME, Token.Kind.NAME)) {
            return;
        }
        Matcher string = matcher(STRING, at);
        if (string.lookingAt()) {
            String inner = source.substring(at + 1, string.end() - 1);
            add(Token.Kind.STRING, Escapes.decode(inner));
            take(string.end());
            return;
        }
        Matcher operator = matcher(OPERATOR, at);
        if (!operator.lookingAt()) {
            throw fail("unexpected character '" + Character.toString(source.codePointAt(at)) + "'");
        }
        balance(operator.group().charAt(0), open);
        add(Token.Kind.OPERATOR, operator.group());
        take(operator.end());
    }

    private void balance(char c, Deque<Character> open) {
        int opening = "([{".indexOf(c);
        int closing = ")]}".indexOf(c);
        if (opening >= 0) {
            open.push(")]}".charAt(opening));
        } else if (closing >= 0 && (open.isEmpty() || open.pop() != c)) {
            throw fail("unexpected '" + c + "'");
        }
    }

    private boolean lookingAt(Pattern pattern, Token.@Nullable Kind kind) {
        Matcher matcher = matcher(pattern, at);
        if (!matcher.lookingAt()) {
            return false;
        }
        if (kind != null) {
            add(kind, matcher.group());
        }
        take(matcher.end());
        return true;
    }

    /** A matcher from a place on, which sees what is before it. */
    private Matcher matcher(Pattern pattern, int from) {
        return pattern.matcher(source).region(from, source.length()).useTransparentBounds(true);
    }

    private void add(Token.Kind kind, String text) {
        if (kind != Token.Kind.TEXT || !text.isEmpty()) {
            tokens.add(new Token(kind, text, line));
        }
    }

    private void take(int to) {
        for (int i = at; i < to; i++) {
            if (source.charAt(i) == '\n') {
                line++;
            }
        }
        lineBegins = to > 0 ? to == at ? lineBegins : source.charAt(to - 1) == '\n' : true;
        at = to;
    }

    private TemplateException fail(String message) {
        return new TemplateException(line, message);
    }
}
