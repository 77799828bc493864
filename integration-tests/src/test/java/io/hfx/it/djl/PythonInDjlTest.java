package io.hfx.it.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hfx.harness.DjlServer;
import io.hfx.harness.DjlSetup;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** DJL's Python engine in a real DJL Serving, with handlers that wait. */
@EnabledIfEnvironmentVariable(
        named = "DJL_SERVING_HOME",
        matches = ".+",
        disabledReason = "DJL_SERVING_HOME names no unpacked DJL Serving")
@EnabledIfEnvironmentVariable(
        named = "HFX_PYTHON",
        matches = ".+",
        disabledReason = "HFX_PYTHON names no Python with numpy")
class PythonInDjlTest {
    private static final String ONE_WORKER = "minWorkers=1\nmaxWorkers=1";

    /** One request after the other. */
    private static final String PLAIN =
            """
            import time
            from djl_python import Output

            def handle(inputs):
                if not inputs.is_empty():
                    time.sleep(0.1)
                return Output().add("done")
            """;

    /** Each takes 300 ms, all at once; says how many ran at most. */
    private static final String ASYNC =
            """
            import asyncio
            from djl_python import Output

            running = 0
            most = 0

            async def handle(inputs):
                global running, most
                out = Output()
                if inputs.is_empty():
                    return out
                running += 1
                most = max(most, running)
                await asyncio.sleep(0.3)
                running -= 1
                out.add(Output.binary_encode({"data": str(most), "last": True}))
                return out
            """;

    /** Each takes six steps of 50 ms with what else is there; says how many ran at most. */
    private static final String ROLLING =
            """
            import time
            from djl_python import Output

            steps = []
            most = 0

            def handle(inputs):
                global steps, most
                out = Output()
                if inputs.is_empty():
                    return out
                size = inputs.get_batch_size()
                steps += [0] * (size - len(steps))
                most = max(most, size)
                time.sleep(0.05)
                steps = [step + 1 for step in steps]
                for i, step in enumerate(steps):
                    done = {"data": str(most) if step == 6 else "", "last": step == 6}
                    out.add(Output.binary_encode(done), key="data", batch_index=i)
                steps = [step for step in steps if step < 6]
                return out
            """;

    @TempDir Path folder;

    @BeforeAll
    static void hasNumpy() throws Exception {
        Process python =
                new ProcessBuilder(System.getenv("HFX_PYTHON"), "-c", "import numpy").start();
        assumeTrue(python.waitFor() == 0, "the Python of HFX_PYTHON has no numpy");
    }

    private static CompletableFuture<HttpResponse<String>> post(
            DjlServer server, Map<String, String> headers) {
        return server.postAsync("/predictions/waits", "x", headers);
    }

    @Test
    void aHandlerThatRunsOneRequestAfterTheOtherIsAnOrdinaryModel() throws Exception {
        DjlSetup setup = new DjlSetup(folder).refusing().python("waits", PLAIN, ONE_WORKER);
        try (DjlServer server = setup.start()) {
            for (int i = 0; i < 5; i++) {
                assertEquals("done", post(server, Map.of()).get(20, TimeUnit.SECONDS).body());
            }
            List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                sent.add(post(server, DjlSetup.within(450)));
            }
            int refused = 0;
            for (CompletableFuture<HttpResponse<String>> each : sent) {
                HttpResponse<String> answer = each.get(20, TimeUnit.SECONDS);
                assertTrue(answer.statusCode() == 200 || answer.statusCode() == 429, answer.body());
                refused += answer.statusCode() == 429 ? 1 : 0;
            }
            assertTrue(refused >= 5, "only " + refused + " of 10 were refused");
        }
    }

    @Test
    void anAsynchronousHandlerHasNoMoreThanItsBoundAtOnce() throws Exception {
        holdsItsBound(ASYNC, "option.async_mode=true");
    }

    @Test
    void aRollingBatchHasNoMoreThanItsBoundAtOnce() throws Exception {
        holdsItsBound(ROLLING, "option.rolling_batch=auto");
    }

    /** Two at once; the tight one goes before all that wait. */
    private void holdsItsBound(String handler, String mode) throws Exception {
        DjlSetup setup =
                new DjlSetup(folder)
                        .python(
                                "waits",
                                handler,
                                ONE_WORKER,
                                mode,
                                "option.max_rolling_batch_size=2");
        try (DjlServer server = setup.start()) {
            List<String> answered = new CopyOnWriteArrayList<>();
            List<CompletableFuture<?>> sent = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                sent.add(post(server, Map.of()).thenAccept(a -> answered.add("none " + a.body())));
            }
            server.awaitQueue("waits", 8);
            Map<String, String> tight = Map.of("x-slo-e2e-ms", "20000");
            sent.add(post(server, tight).thenAccept(a -> answered.add("tight " + a.body())));
            CompletableFuture.allOf(sent.toArray(new CompletableFuture<?>[0]))
                    .get(30, TimeUnit.SECONDS);
            assertTrue(answered.indexOf("tight 2") <= 5, answered.toString());
            assertEquals(10, answered.stream().filter("none 2"::equals).count(), "" + answered);
        }
    }
}
