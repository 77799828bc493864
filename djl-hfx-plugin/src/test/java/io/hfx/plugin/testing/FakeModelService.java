package io.hfx.plugin.testing;

import io.hfx.engine.prefix.PrefixStats;
import io.hfx.engine.sampling.TokenLogprobs;
import io.hfx.plugin.service.GenerationListener;
import io.hfx.plugin.service.GenerationListener.FinishReason;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.ModelService;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.service.ServedModel;
import io.hfx.plugin.service.ServiceStatus;
import io.hfx.plugin.service.ServiceStatus.WorkerStatus;
import io.hfx.plugin.service.Token;
import io.hfx.plugin.service.WorkerFailure;
import io.hfx.scheduler.latency.FitError;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Answers every sequence with the same script of tokens, up to the request's bound, from its own
 * thread. {@link ByteTokenizer#END} and stop tokens end a sequence. With {@link #hold} set, each
 * token waits for a {@link #permits} permit.
 */
public class FakeModelService implements ModelService {
    public static final String MODEL = "fake/model";
    public static final int CONTEXT_TOKENS = 512;

    public final Semaphore permits = new Semaphore(0, true);
    public final BlockingQueue<GenerationRequest> submitted = new LinkedBlockingQueue<>();
    public final BlockingQueue<Long> cancelled = new LinkedBlockingQueue<>();
    public final BlockingQueue<Integer> stopped = new LinkedBlockingQueue<>();
    public volatile boolean hold;
    public volatile int[] script = new ByteTokenizer().encode("Hello", false);
    public volatile Refusal refusal;
    public volatile int failAfterTokens = -1;

    /** What the tokenizer throws; null for nothing. */
    public volatile Error encodeError;

    public volatile Error decodeError;

    /** Whether the tokenizer is one whose texts begin without a blank. */
    public volatile boolean dropsFirstBlank;

    public volatile String workerState = "ready";

    private final ServedModel model;
    private final ExecutorService thread = Executors.newCachedThreadPool();
    private final Set<Long> gone = ConcurrentHashMap.newKeySet();
    private final Map<Long, Set<Integer>> stops = new ConcurrentHashMap<>();

    public FakeModelService() {
        this(MODEL);
    }

    /**
     * @param id of the model
     */
    public FakeModelService(String id) {
        model =
                new ServedModel(
                        id,
                        new ByteTokenizer() {
                            @Override
                            public int[] encode(String text, boolean addSpecialTokens) {
                                check(encodeError);
                                return super.encode(text, addSpecialTokens);
                            }

                            @Override
                            public byte[] bytes(int id) {
                                check(decodeError);
                                return super.bytes(id);
                            }

                            @Override
                            public boolean dropsFirstBlank() {
                                return dropsFirstBlank;
                            }
                        },
                        (messages, options) -> {
                            StringBuilder text = new StringBuilder();
                            messages.forEach(
                                    each ->
                                            text.append(each.path("role").asText())
                                                    .append(": ")
                                                    .append(each.path("content").asText())
                                                    .append('\n'));
                            return text + "assistant: ";
                        },
                        CONTEXT_TOKENS,
                        1_700_000_000);
    }

    private static void check(Error error) {
        if (error != null) {
            throw error;
        }
    }

    @Override
    public Refusal unavailable() {
        return null;
    }

    @Override
    public ServedModel model() {
        return model;
    }

    @Override
    public void submit(GenerationRequest request, GenerationListener listener) {
        stops.put(request.id(), ConcurrentHashMap.newKeySet());
        submitted.add(request);
        thread.execute(
                () -> {
                    try {
                        play(request, listener);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    private void play(GenerationRequest request, GenerationListener listener)
            throws InterruptedException {
        if (refusal != null) {
            listener.refused(refusal);
            return;
        }
        int[] tokens = script;
        int length = Math.min(tokens.length, request.maxTokens());
        for (int i = 0; i < length; i++) {
            if (i == failAfterTokens) {
                listener.failed("The worker was lost");
                return;
            }
            for (int s = 0; s < request.sequences(); s++) {
                if (stops.get(request.id()).contains(s)) {
                    continue;
                }
                if (hold) {
                    permits.acquire();
                }
                if (gone.contains(request.id())) {
                    return;
                }
                listener.token(s, token(tokens[i], request));
                if (tokens[i] == ByteTokenizer.END || request.stopTokenIds().contains(tokens[i])) {
                    stops.get(request.id()).add(s);
                }
            }
        }
        for (int s = 0; s < request.sequences(); s++) {
            boolean cut = length < tokens.length && !stops.get(request.id()).contains(s);
            listener.finished(s, cut ? FinishReason.LENGTH : FinishReason.STOP);
        }
    }

    /** With logprobs of -0.5 for the token, -1 for byte 0xe2 and the logarithm of 0 for "z". */
    private static Token token(int id, GenerationRequest request) {
        boolean ends = id == ByteTokenizer.END || request.stopTokenIds().contains(id);
        if (request.logprobs() == GenerationRequest.NO_LOGPROBS) {
            return new Token(id, ends, null);
        }
        int[] ids = Arrays.copyOf(new int[] {id, 0xe2, 'z'}, Math.min(3, request.logprobs()));
        float[] logprobs = Arrays.copyOf(new float[] {-0.5f, -1, -1 / 0f}, ids.length);
        return new Token(id, ends, new TokenLogprobs(-0.5f, ids, logprobs));
    }

    @Override
    public void cancel(long requestId) {
        gone.add(requestId);
        cancelled.add(requestId);
    }

    @Override
    public void stop(long requestId, int sequence) {
        stops.get(requestId).add(sequence);
        stopped.add(sequence);
    }

    /** The next request, within some seconds. */
    public GenerationRequest nextSubmitted() throws InterruptedException {
        GenerationRequest next = submitted.poll(20, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no request was submitted");
        }
        return next;
    }

    @Override
    public ServiceStatus status() {
        return new ServiceStatus(
                "fake",
                1,
                2,
                List.of(
                        new WorkerStatus(
                                "0",
                                workerState,
                                "scripted",
                                false,
                                7,
                                3,
                                4,
                                100,
                                1.5,
                                1.25,
                                new FitError(7, 0.125, -0.0625))),
                Map.of(WorkerFailure.EXECUTOR, 2L),
                Map.of(WorkerFailure.EXECUTOR, 1L),
                new PrefixStats(4096, 1024, 2, 1, 300, 128, 5));
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
