package io.hfx.engine.text;

import com.hubspot.jinjava.objects.date.StrftimeFormatter;
import java.time.ZoneId;
import java.time.ZonedDateTime;

/**
 * Functions that chat templates may call. Public because the template engine calls by reflection.
 */
public final class TemplateFunctions {
    private TemplateFunctions() {}

    /** {@code raise_exception(reason)}: the template refuses the conversation. */
    public static String raiseException(String reason) {
        throw new ChatTemplate.ChatTemplateException(reason);
    }

    /** {@code strftime_now(format)}: local date and time in a format of C's strftime. */
    public static String strftimeNow(String format) {
        return StrftimeFormatter.format(ZonedDateTime.now(ZoneId.systemDefault()), format);
    }
}
