package io.hfx.plugin.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.config.SloClasses;
import io.hfx.plugin.http.ApiException;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SloResolverTest {
    private static final SloClasses CLASSES =
            SloClasses.parse(
                    """
                    {"default": "chat", "classes": [
                      {"name": "chat", "ttft_ms": 500, "tpot_ms": 50},
                      {"name": "code", "ttft_ms": 200, "on_miss": "reject"},
                      {"name": "flex", "e2e_ms": 60000}]}
                    """,
                    "test");

    /**
     * Headers as {@code name=value} with {@code &} between; body as {@code class,ttft,tpot,e2e}.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    headers                                | body       | tier    | class  | ttft | tpot | e2e
                    -                                      | -          | -       | chat   | 500  | 50   | 0
                    -                                      | -          | auto    | chat   | 500  | 50   | 0
                    -                                      | -          | flex    | flex   | 0    | 0    | 60000
                    -                                      | code,0,0,0 | flex    | code   | 200  | 0    | 0
                    -                                      | code,90,9,0| -       | code   | 90   | 9    | 0
                    -                                      | ,90,0,0    | -       | chat   | 90   | 0    | 0
                    -                                      | ,90,0,0    | flex    | flex   | 90   | 0    | 0
                    x-slo-class=flex                       | code,90,0,0| -       | flex   | 0    | 0    | 60000
                    x-slo-class=flex&x-slo-ttft-ms=7       | code,90,0,0| -       | flex   | 7    | 0    | 60000
                    x-slo-ttft-ms=7                        | code,90,0,0| -       | code   | 7    | 0    | 0
                    x-slo-ttft-ms=7&x-slo-tpot-ms=8&x-slo-e2e-ms=9.5 | - | -    | chat   | 7    | 8    | 9.5
                    x-llm-d-slo-ttft-ms=7                  | -          | -       | chat   | 7    | 0    | 0
                    x-slo-ttft-ms=6&x-llm-d-slo-ttft-ms=7  | -          | -       | chat   | 6    | 0    | 0
                    x-llm-d-slo-tpot-ms=8                  | -          | -       | chat   | 0    | 8    | 0
                    request-timeout-ms=900                 | -          | -       | chat   | 500  | 50   | 900
                    request-timeout-ms=900&x-slo-e2e-ms=70 | -          | -       | chat   | 0    | 0    | 70
                    request-timeout-ms=900                 | -          | flex    | flex   | 0    | 0    | 900
                    x-slo-class=best-effort                | -          | -       | best-effort | 0 | 0  | 0
                    x-slo-class=best-effort&x-slo-ttft-ms=5| -          | -       | custom | 5    | 0    | 0
                    """,
            useHeadersInDisplayName = true)
    void firstPlaceThatStatesSomethingWins(
            @Nullable String headers,
            @Nullable String body,
            @Nullable String tier,
            String name,
            double ttftMs,
            double tpotMs,
            double e2eMs) {
        SloClass resolved = new SloResolver(CLASSES).resolve(headers(headers), body(body), tier);
        assertEquals(name, resolved.name());
        assertEquals(new Slo(nanos(ttftMs), nanos(tpotMs), nanos(e2eMs)), resolved.slo());
        assertEquals(name.equals("code") ? OnMiss.REJECT : OnMiss.DEMOTE, resolved.onMiss());
    }

    @Test
    void withoutClassesOwnObjectivesAreCustom() {
        SloClass resolved =
                new SloResolver(SloClasses.NONE)
                        .resolve(headers("x-slo-e2e-ms=5"), StatedSlo.NOTHING, "priority");
        assertEquals("custom", resolved.name());
        assertEquals(
                SloClass.BEST_EFFORT,
                new SloResolver(SloClasses.NONE)
                        .resolve(headers(null), StatedSlo.NOTHING, "priority"));
    }

    @Test
    void unknownClassListsTheKnownOnes() {
        ApiException e =
                assertThrows(
                        ApiException.class,
                        () ->
                                new SloResolver(CLASSES)
                                        .resolve(
                                                headers("x-slo-class=gold"),
                                                StatedSlo.NOTHING,
                                                null));
        assertEquals(
                "x-slo-class must be one of chat, code, flex, best-effort", e.error().message());
    }

    @Test
    void repeatedHeaderIsRefused() {
        SloResolver.Headers twice =
                name -> name.equals("x-slo-ttft-ms") ? List.of("1", "2") : List.of();
        assertThrows(
                ApiException.class,
                () -> new SloResolver(CLASSES).resolve(twice, StatedSlo.NOTHING, null));
    }

    @Test
    void priorityOfTheHeaderWins() {
        SloResolver slos = new SloResolver(CLASSES);
        assertEquals(3, slos.priority(headers(null), OptionalInt.empty()));
        assertEquals(9, slos.priority(headers(null), OptionalInt.of(9)));
        assertEquals(-4, slos.priority(headers("x-priority=-4"), OptionalInt.of(9)));
        ApiException e =
                assertThrows(
                        ApiException.class,
                        () -> slos.priority(headers("x-priority=9999999"), OptionalInt.empty()));
        assertTrue(e.error().message().contains("1000000"));
    }

    /** So that a request without any of them may be taken for one that states nothing. */
    @Test
    void everyHeaderThatIsAskedForIsKnownToBeRead() {
        List<String> asked = new ArrayList<>();
        SloClass resolved =
                new SloResolver(CLASSES)
                        .resolve(
                                name -> {
                                    asked.add(name);
                                    return List.of();
                                });
        assertEquals(new SloResolver(CLASSES).unstated(), resolved);
        assertEquals(asked, asked.stream().filter(name -> SloResolver.isRead(name)).toList());
        assertTrue(asked.contains("x-slo-class"), asked.toString());
    }

    private static SloResolver.Headers headers(@Nullable String text) {
        return name -> {
            if (text == null) {
                return List.of();
            }
            return List.of(text.split("&", -1)).stream()
                    .filter(pair -> pair.startsWith(name + "="))
                    .map(pair -> pair.substring(name.length() + 1))
                    .toList();
        };
    }

    private static StatedSlo body(@Nullable String text) {
        if (text == null) {
            return StatedSlo.NOTHING;
        }
        String[] parts = text.split(",", -1);
        return new StatedSlo(
                parts[0].isEmpty() ? null : parts[0],
                nanos(Double.parseDouble(parts[1])),
                nanos(Double.parseDouble(parts[2])),
                nanos(Double.parseDouble(parts[3])));
    }

    private static long nanos(double millis) {
        return millis == 0 ? Slo.NONE : Math.round(millis * 1e6);
    }
}
