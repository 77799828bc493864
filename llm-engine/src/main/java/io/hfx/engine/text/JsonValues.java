package io.hfx.engine.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.hfx.engine.jinja.value.Bool;
import io.hfx.engine.jinja.value.Dict;
import io.hfx.engine.jinja.value.Int;
import io.hfx.engine.jinja.value.None;
import io.hfx.engine.jinja.value.Real;
import io.hfx.engine.jinja.value.Sequence;
import io.hfx.engine.jinja.value.Str;
import io.hfx.engine.jinja.value.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON as the values of templates. */
final class JsonValues {
    private JsonValues() {}

    /** The value of some JSON; none for null. */
    static Value of(@Nullable JsonNode json) {
        if (json == null || json.isNull() || json.isMissingNode()) {
            return None.NONE;
        }
        if (json.isTextual()) {
            return new Str(json.textValue());
        }
        if (json.isBoolean()) {
            return Bool.of(json.booleanValue());
        }
        if (json.isIntegralNumber()) {
            return new Int(json.bigIntegerValue());
        }
        if (json.isNumber()) {
            return new Real(json.doubleValue());
        }
        return json.isArray() ? list(json) : dict(json);
    }

    private static Value list(JsonNode json) {
        List<Value> items = new ArrayList<>(json.size());
        json.forEach(each -> items.add(of(each)));
        return Sequence.list(items);
    }

    private static Value dict(JsonNode json) {
        Map<Value, Value> entries = new LinkedHashMap<>();
        json.properties().forEach(each -> entries.put(new Str(each.getKey()), of(each.getValue())));
        return new Dict(entries);
    }
}
