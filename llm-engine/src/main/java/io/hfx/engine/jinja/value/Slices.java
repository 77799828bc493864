package io.hfx.engine.jinja.value;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Python's indices and slices {@code [start:stop:step]}. */
public final class Slices {
    private Slices() {}

    /** An integer held within the range of int. */
    public static int clamp(BigInteger value) {
        if (value.bitLength() > 31) {
            return value.signum() < 0 ? -Integer.MAX_VALUE : Integer.MAX_VALUE;
        }
        return value.intValue();
    }

    /** The element at an index that may count from the end; null where there is none. */
    public static @Nullable Value at(Value value, BigInteger index) {
        int length = value.length();
        int place = clamp(index);
        if (place < 0) {
            place += length;
        }
        if (place < 0 || place >= length) {
            return null;
        }
        if (value instanceof Str s) {
            int from = s.chars().offsetByCodePoints(0, place);
            return new Str(Character.toString(s.chars().codePointAt(from)));
        }
        return value.iterate().get(place);
    }

    /**
     * A slice of a text, list, tuple or range; bounds that are null or none are open.
     *
     * @throws EvaluationException if the value has no slices, or a bound is no integer
     */
    public static Value slice(Value value, Value start, Value stop, Value step) {
        if (value instanceof Undefined undefined) {
            throw undefined.refuse();
        }
        boolean indexed = value instanceof Sequence s && s.kind().isIndexed();
        if (!indexed && !(value instanceof Str)) {
            throw new EvaluationException("'" + value.type() + "' object cannot be sliced");
        }
        List<Integer> places = places(value.length(), bound(start), bound(stop), bound(step));
        if (value instanceof Str s) {
            return new Str(cut(s, places));
        }
        List<Value> items = value.iterate();
        List<Value> chosen = places.stream().map(items::get).toList();
        return new Sequence(((Sequence) value).kind(), chosen);
    }

    private static String cut(Str text, List<Integer> places) {
        int[] codePoints = text.isPlain() ? null : text.chars().codePoints().toArray();
        StringBuilder out = new StringBuilder(places.size());
        for (int place : places) {
            out.appendCodePoint(
                    codePoints == null ? text.chars().charAt(place) : codePoints[place]);
        }
        return out.toString();
    }

    private static @Nullable Integer bound(Value value) {
        if (value == None.NONE) {
            return null;
        }
        if (value instanceof Num n && n.isIntegral()) {
            return clamp(n.toInteger());
        }
        if (value instanceof Undefined undefined) {
            throw undefined.refuse();
        }
        throw new EvaluationException("slice indices must be integers or None");
    }

    private static List<Integer> places(
            int length, @Nullable Integer start, @Nullable Integer stop, @Nullable Integer step) {
        int stride = step == null ? 1 : step;
        if (stride == 0) {
            throw new EvaluationException("slice step cannot be zero");
        }
        int lowest = stride > 0 ? 0 : -1;
        int highest = stride > 0 ? length : length - 1;
        int from =
                start == null ? (stride > 0 ? 0 : highest) : place(start, length, lowest, highest);
        int to = stop == null ? (stride > 0 ? length : -1) : place(stop, length, lowest, highest);
        List<Integer> places = new ArrayList<>();
        for (long at = from; stride > 0 ? at < to : at > to; at += stride) {
            places.add((int) at);
        }
        return places;
    }

    private static int place(int bound, int length, int lowest, int highest) {
        int place = bound < 0 ? bound + length : bound;
        return Math.max(lowest, Math.min(place, highest));
    }
}
