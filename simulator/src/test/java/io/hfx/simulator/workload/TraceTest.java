package io.hfx.simulator.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceTest {
    private static final String AZURE = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
    private static final String BURST =
            "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n";

    @TempDir private Path folder;

    @Test
    void azureTimesStartAtZeroAndKeepTheirDigits() throws IOException {
        Workload workload =
                read(
                        AZURE
                                + "2024-02-28 23:59:59.9000000,100,7\r\n"
                                + "2024-02-29 00:00:00.4000001,20,3\n");

        assertEquals(
                List.of(
                        new Arrival(0, Trace.UNASSIGNED, 100, 7),
                        new Arrival(500_000_100L, Trace.UNASSIGNED, 20, 3)),
                workload.arrivals());
    }

    @Test
    void azureTimesMayCarryAnOffset() throws IOException {
        Workload workload =
                read(
                        AZURE
                                + "2024-05-10 00:00:00.009930+00:00,100,7\n"
                                + "2024-05-10 00:00:01+00:00,20,3\n");

        assertEquals(990_070_000L, workload.arrivals().get(1).atNanos());
    }

    @Test
    void burstGptFailuresAreCountedNotReplayed() throws IOException {
        Workload workload =
                read(
                        BURST
                                + "5,ChatGPT,472,18,490,Conversation log\n"
                                + "45.5,ChatGPT,1087,0,1087,Conversation log\n"
                                + "118,GPT-4,417,276,693,API log\n");

        assertEquals(
                List.of(
                        new Arrival(0, Trace.UNASSIGNED, 472, 18),
                        new Arrival(113_000_000_000L, Trace.UNASSIGNED, 417, 276)),
                workload.arrivals());
        assertEquals(1, workload.skippedRows());
    }

    @Test
    void mooncakeTicksAreSpreadOverTheirThreeSeconds() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            lines.append("{\"timestamp\": ").append(i / 10 * 3000L);
            lines.append(", \"input_length\": 6758, \"output_length\": 500, \"hash_ids\": [1]}\n");
        }
        Workload workload = read(lines.toString());

        long[] gaps = new long[2999];
        for (int i = 0; i < gaps.length; i++) {
            gaps[i] = workload.arrivals().get(i + 1).atNanos();
            gaps[i] -= workload.arrivals().get(i).atNanos();
        }
        assertTrue(Arrays.stream(gaps).filter(gap -> gap == 0).count() < 3);
        assertEquals(10 / 3.0, workload.meanPerSecond(), 0.02);
        assertEquals(workload, read(lines.toString()));
    }

    @Test
    void mooncakePromptsBeginAsTheirHashesSay() throws IOException {
        Workload workload =
                read(
                        "{\"timestamp\":0,\"input_length\":1100,\"output_length\":2,"
                                + "\"hash_ids\":[46,47,2899999999]}\n");
        PromptPrefix prefix = workload.arrivals().get(0).prefix();

        assertEquals(new PromptPrefix(List.of(46L, 47L, 2_899_999_999L), 512), prefix);
        assertEquals(47, prefix.run(1023));
        assertTrue(prefix.covers(1535) && !prefix.covers(1536));
        Arrival half = new LengthFit(0.5, 10_000).apply(workload.arrivals().get(0));
        assertEquals(new PromptPrefix(prefix.runs(), 256), half.prefix());
        Arrival assigned = workload.assigned(ClassMix.parse("chat"), 1).arrivals().get(0);
        assertEquals(prefix, assigned.prefix());
    }

    @Test
    void aGzippedTraceReadsTheSame() throws IOException {
        String text = "{\"timestamp\":0,\"input_length\":5,\"output_length\":2}\n";
        Path file = folder.resolve("trace.jsonl.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }

        assertEquals(read(text).arrivals(), Trace.read(file, 1).arrivals());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2024-05-10 00:00:00.5,10|line 3: expected 3 values, found 2",
                "yesterday,10,2|line 3: TIMESTAMP must be like 2023-11-16 18:17:03.9799600",
                "2024-05-10 00:00:01,ten,2|line 3: ContextTokens must be a whole number",
                "2024-05-10 00:00:01,10,-2|line 3: GeneratedTokens must be a whole number"
            })
    void aBadAzureLineIsNamed(String line, String message) {
        String text = AZURE + "2024-05-10 00:00:00,1,1\n" + line + "\n";

        WorkloadException e = assertThrows(WorkloadException.class, () -> read(text));

        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertTrue(e.getMessage().startsWith(folder.toString()), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"timestamp\":1|line 2: not a JSON object",
                "{\"input_length\":1,\"output_length\":1}|line 2: timestamp must be a whole number",
                "{\"timestamp\":1,\"input_length\":\"1\",\"output_length\":1}|line 2: input_length",
                "{\"timestamp\":1,\"input_length\":1,\"output_length\":1.5}|line 2: output_length",
                "{\"timestamp\":1,\"input_length\":1,\"output_length\":1,\"hash_ids\":[1,\"2\"]}"
                        + "|line 2: hash_ids must be an array of whole numbers",
                "{\"timestamp\":1,\"input_length\":1,\"output_length\":1,\"hash_ids\":7}"
                        + "|line 2: hash_ids must be an array of whole numbers"
            })
    void aBadMooncakeLineIsNamed(String line, String message) {
        String text = "{\"timestamp\":0,\"input_length\":5,\"output_length\":2}\n" + line;

        WorkloadException e = assertThrows(WorkloadException.class, () -> read(text));

        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a,b,c|expected an Azure header",
                "TIMESTAMP,ContextTokens|no column GeneratedTokens",
                "Timestamp,Model,Request tokens|no column Response tokens",
                "''|is empty"
            })
    void anUnknownFileIsRefused(String header, String message) {
        WorkloadException e = assertThrows(WorkloadException.class, () -> read(header));

        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    private Workload read(String text) throws IOException {
        Path file = folder.resolve("trace");
        Files.writeString(file, text);
        return Trace.read(file, 1);
    }
}
