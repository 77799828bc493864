package io.hfx.plugin.djl;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the field {@code model} of a JSON body without building anything of it: on an event loop,
 * for bodies that may be another model's. Reads as far as the field.
 */
final class ModelField {
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private ModelField() {}

    /** The text of the field; null where there is none, or the body is no JSON object. */
    static @Nullable String of(ByteBuf body) {
        try (JsonParser parser = JSON.createParser(input(body))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean found = parser.currentName().equals("model");
                JsonToken value = parser.nextToken();
                if (found) {
                    return value == JsonToken.VALUE_STRING ? parser.getText() : null;
                }
                parser.skipChildren();
            }
            return null;
        } catch (IOException e) {
            return null;
        }
    }

    /** Leaves the buffer's own position alone. */
    private static InputStream input(ByteBuf body) {
        return new ByteBufInputStream(body.duplicate());
    }
}
