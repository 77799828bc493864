package io.hfx.simulator.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServeGenTest {
    @TempDir Path folder;

    private static List<Arrival> list(Iterator<Arrival> stream) {
        List<Arrival> all = new ArrayList<>();
        stream.forEachRemaining(all::add);
        return all;
    }

    private void client(int number, String trace, String lengths) throws Exception {
        Files.writeString(folder.resolve("chunk-" + number + "-trace.csv"), trace);
        if (!lengths.isEmpty()) {
            Files.writeString(folder.resolve("chunk-" + number + "-dataset.json"), lengths);
        }
    }

    private static String lengths(String input, String output) {
        return "{\"0\": {\"input_tokens\": \""
                + input
                + "\", \"output_tokens\": \""
                + output
                + "\", \"reason_ratio\": \"{}\"}}";
    }

    @Test
    void everyWindowKeepsItsRateAndEveryClientItsLengths() throws Exception {
        client(
                0,
                "0,2,1,Gamma,1,0.5\n600,10,3,Gamma,0.1,1\n1200,0,0,,0,0\n",
                lengths("{100: 1.0}", "{7: 0.5, 9: 0.5}"));
        client(3, "0,4,0.9,Weibull,1.2,0.27\n", lengths("{50: 1.0}", "{5: 1.0}"));
        ServeGen pool = ServeGen.read(folder);
        assertEquals(2, pool.clients());
        assertEquals((2 + 10 + 4) / 2.0, pool.meanPerSecond(0, 1_200), 1e-9);
        List<Arrival> all = list(pool.stream(0, 1_800, 10, null, 1));
        double first = all.stream().filter(a -> a.tenant().equals("client-0")).count();
        assertEquals(72_000, first, 3_000, "10 times 600 (2 + 10)");
        assertEquals(24_000, all.size() - first, 1_000);
        for (Arrival a : all) {
            boolean one = a.tenant().equals("client-0");
            assertEquals(one ? 100 : 50, a.promptTokens());
            assertTrue(
                    one ? a.outputTokens() == 7 || a.outputTokens() == 9 : a.outputTokens() == 5);
            assertTrue(a.atNanos() < 1_200_000_000_000L, "the last window is silent");
        }
    }

    @Test
    void lengthsThatAreUnknownNeedAShape() throws Exception {
        client(1, "0,2,1,Gamma,1,0.5\n", "");
        ServeGen pool = ServeGen.read(folder);
        assertThrows(WorkloadException.class, () -> pool.stream(0, 600, 1, null, 1));
        Arrival first = pool.stream(0, 600, 1, Shape.named("chat"), 1).next();
        assertTrue(first.promptTokens() >= 1);
    }

    @Test
    void whatIsMalformedNamesFileAndLine() throws Exception {
        client(1, "0,2,1,Gamma,1,0.5\n600,1,1,Pareto,1,1\n", "");
        String message =
                assertThrows(WorkloadException.class, () -> ServeGen.read(folder)).getMessage();
        assertTrue(message.contains("chunk-1-trace.csv, line 2: pattern"), message);
        client(1, "0,2,1,Gamma,1,0.5\n", lengths("[1]", "{5: 1.0}"));
        message = assertThrows(WorkloadException.class, () -> ServeGen.read(folder)).getMessage();
        assertTrue(message.contains("window 0: input_tokens must read"), message);
    }

    @Test
    void theGammaFunctionIsThatOfTheTables() {
        assertEquals(1, ServeGenRates.gamma(1), 1e-12);
        assertEquals(24, ServeGenRates.gamma(5), 1e-9);
        assertEquals(Math.sqrt(Math.PI) / 2, ServeGenRates.gamma(1.5), 1e-12);
    }

    /** The published pool, unpacked into {@code $HFX_DATA/servegen/deepseek-r1}. */
    @Test
    void thePublishedPoolHasItsPublishedRate() {
        String data = System.getenv("HFX_DATA");
        Path pool = Path.of(data == null ? "" : data, "servegen", "deepseek-r1");
        Assumptions.assumeTrue(
                data != null && Files.isDirectory(pool),
                "set HFX_DATA to a folder with servegen/deepseek-r1, unpacked");
        ServeGen real = ServeGen.read(pool);
        assertEquals(73, real.clients());
        assertEquals(16.0, real.meanPerSecond(0, 86_400), 0.1);
        List<Arrival> hour = list(real.stream(36_000, 39_600, 1, null, 1));
        assertEquals(real.meanPerSecond(36_000, 39_600) * 3_600, hour.size(), 0.1 * hour.size());
    }
}
