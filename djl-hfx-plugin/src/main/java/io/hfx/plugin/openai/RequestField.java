package io.hfx.plugin.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.Predicate;

/**
 * One field of a request's body and what becomes of it. Absent and null are always allowed where
 * the field is not required, and mean the same.
 *
 * @param name as in JSON
 * @param where endpoints that know it
 * @param fate what becomes of it
 * @param allowed values in words: for all fates but {@link Fate#HONOURED}, whose reader says them
 * @param accepts whether a value is one of them
 * @param reason why no others are; empty where a wrong value is a wrong type
 */
record RequestField(
        String name,
        Where where,
        Fate fate,
        String allowed,
        Predicate<JsonNode> accepts,
        String reason) {

    /** Endpoints. */
    enum Where {
        CHAT,
        COMPLETIONS,
        BOTH;

        boolean covers(Where endpoint) {
            return this == BOTH || this == endpoint;
        }
    }

    /** What becomes of a field. */
    enum Fate {
        /** Read by a parser, which checks it. */
        HONOURED,
        /** Checked for its type; the answer is the same without it. */
        NO_EFFECT,
        /** Accepted with the value that asks for nothing, a 400 with any other. */
        NEUTRAL,
        /** A 400. */
        REFUSED
    }

    /** Refuses a value that the fate does not allow. */
    void check(Fields body) {
        JsonNode value = body.value(name).orElse(null);
        if (value == null || accepts.test(value)) {
            return;
        }
        throw switch (fate) {
            case HONOURED, NO_EFFECT -> Fields.wrongType(body.path(name), allowed);
            case NEUTRAL ->
                    Fields.unsupported(
                            body.path(name),
                            "unsupported_value",
                            body.path(name) + " must be " + allowed + ": " + reason);
            case REFUSED ->
                    Fields.unsupported(
                            body.path(name),
                            "unsupported_parameter",
                            body.path(name) + " is not supported: " + reason);
        };
    }
}
