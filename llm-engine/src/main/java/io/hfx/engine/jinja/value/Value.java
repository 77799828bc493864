package io.hfx.engine.jinja.value;

import java.util.List;

/** A Python value as templates see it. {@code equals} is Python's {@code ==}. */
public sealed interface Value permits Str, Num, None, Undefined, Sequence, Dict, Stream, Dynamic {
    /** Python's {@code bool()}. */
    boolean truthy();

    /** Python's {@code str()}: what printing gives. */
    String text();

    /** Python's {@code repr()}: how the value shows inside a list. */
    default String repr() {
        return text();
    }

    /** Python's name of the type, for messages. */
    String type();

    /**
     * The elements that a loop would visit.
     *
     * @throws EvaluationException if the value cannot be iterated
     */
    default List<Value> iterate() {
        throw new EvaluationException("'" + type() + "' object is not iterable");
    }

    /**
     * Python's {@code len()}.
     *
     * @throws EvaluationException if the value has no length
     */
    default int length() {
        throw new EvaluationException("object of type '" + type() + "' has no len()");
    }
}
