package io.hfx.plugin.openai;

import io.hfx.engine.text.Detokenizer;
import io.hfx.plugin.config.RequestLimits;
import io.hfx.plugin.http.ApiError;
import io.hfx.plugin.http.ApiException;
import io.hfx.plugin.service.GenerationListener;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.ModelService;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.service.ServedModel;
import io.hfx.plugin.service.Token;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Generations without a connection, whose answer comes whole: the body is that of completions, or
 * of chat completions where it has {@code messages}. Streaming and logprobs are not for these.
 * Thread-safe.
 */
public final class PlainGeneration {
    private final RequestLimits limits;
    private final SloResolver slos;
    private final Executor parsers;

    /** Below zero, so that no request over HTTP has the same. */
    private final AtomicLong ids = new AtomicLong();

    /**
     * @param parsers threads that parse and tokenise; bounded
     */
    public PlainGeneration(RequestLimits limits, SloResolver slos, Executor parsers) {
        this.limits = limits;
        this.slos = slos;
        this.parsers = parsers;
    }

    /**
     * Generates; never blocks.
     *
     * @param headers of the request
     * @return the answer's JSON; fails with an {@link ApiException}
     */
    public CompletableFuture<String> run(
            ModelService service, byte[] body, SloResolver.Headers headers) {
        long readAtNanos = System.nanoTime();
        CompletableFuture<String> answer = new CompletableFuture<>();
        try {
            parsers.execute(
                    () -> {
                        try {
                            submit(service, body, headers, readAtNanos, answer);
                        } catch (RuntimeException | Error e) {
                            Refusal gone = service.unavailable();
                            answer.completeExceptionally(
                                    gone == null || e instanceof ApiException
                                            ? e
                                            : OpenAiApi.refused(gone).asException());
                        }
                    });
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(
                    ApiError.refused(
                                    429,
                                    "too-many-requests",
                                    "Too many requests wait to be parsed",
                                    1)
                            .asException());
        }
        return answer;
    }

    private void submit(
            ModelService service,
            byte[] body,
            SloResolver.Headers headers,
            long readAtNanos,
            CompletableFuture<String> answer) {
        ServedModel model = service.model();
        boolean chat = Fields.parse(body).has("messages");
        Fields fields = Fields.parse(body).withDefault("model", model.id());
        ParsedRequest parsed =
                (chat ? new ChatParser() : new CompletionParser()).parse(fields, model, limits);
        Parameters asked = parsed.parameters();
        if (asked.stream() || asked.logprobs() != GenerationRequest.NO_LOGPROBS) {
            throw Fields.bad("stream", "stream and logprobs are not available here");
        }
        SloClass sloClass = slos.resolve(headers, asked.slo(), asked.serviceTier());
        GenerationRequest request =
                new GenerationRequest(
                        ids.decrementAndGet(),
                        parsed.prompts(),
                        asked.choices(),
                        asked.sampling(),
                        GenerationRequest.NO_LOGPROBS,
                        maxTokens(parsed, model, chat),
                        asked.stops().minTokens(),
                        asked.ignoreEos(),
                        asked.stops().tokenIds(),
                        sloClass,
                        slos.priority(headers, asked.priority()),
                        readAtNanos);
        OpenAiJson.Head head =
                new OpenAiJson.Head(
                        "job-" + -request.id(),
                        System.currentTimeMillis() / 1000,
                        model.id(),
                        SloResolver.heldTier(asked.serviceTier(), sloClass));
        ReplyFormat format = new OpenAiJson(chat, head, parsed.echoOfChoices(), false);
        service.submit(request, new Collector(service, request, parsed, format, answer));
    }

    private static int maxTokens(ParsedRequest parsed, ServedModel model, boolean chat) {
        int maxTokens = parsed.parameters().maxTokens().orElse(parsed.defaultMaxTokens());
        int longest = parsed.longestPromptTokens();
        if (longest > model.maxSequenceTokens() - maxTokens) {
            throw RequestParser.contextExceeded(
                    chat ? "messages" : "prompt", longest, maxTokens, model);
        }
        return maxTokens;
    }

    /** Collects the answer; called by one thread at a time. */
    private static final class Collector implements GenerationListener {
        private final ModelService service;
        private final GenerationRequest request;
        private final ReplyFormat format;
        private final CompletableFuture<String> answer;
        private final List<OutputSequence> sequences = new ArrayList<>();
        private final List<StringBuilder> texts = new ArrayList<>();
        private final String[] reasons;
        private int open;

        Collector(
                ModelService service,
                GenerationRequest request,
                ParsedRequest parsed,
                ReplyFormat format,
                CompletableFuture<String> answer) {
            this.service = service;
            this.request = request;
            this.format = format;
            this.answer = answer;
            this.open = request.sequences();
            this.reasons = new String[open];
            for (int i = 0; i < open; i++) {
                Detokenizer text =
                        new Detokenizer(
                                service.model().tokenizer(),
                                parsed.parameters().skipSpecialTokens(),
                                parsed.continues());
                sequences.add(new OutputSequence(text, parsed.parameters().stops()));
                texts.add(new StringBuilder());
            }
        }

        @Override
        public void token(int index, Token token) {
            OutputSequence sequence = sequences.get(index);
            if (sequence.closed()) {
                return;
            }
            if (token.ends()) {
                sequence.acceptEnd();
                return;
            }
            texts.get(index).append(sequence.accept(token.id(), 0));
            if (sequence.stopped()) {
                service.stop(request.id(), index);
                finished(index, FinishReason.STOP);
            }
        }

        @Override
        public void finished(int index, FinishReason reason) {
            OutputSequence sequence = sequences.get(index);
            if (sequence.closed()) {
                return;
            }
            texts.get(index).append(sequence.close());
            reasons[index] = reason == FinishReason.STOP ? "stop" : "length";
            open--;
            if (open == 0) {
                answer.complete(json());
            }
        }

        private String json() {
            List<ReplyFormat.Choice> choices = new ArrayList<>();
            for (int i = 0; i < reasons.length; i++) {
                choices.add(new ReplyFormat.Choice(texts.get(i).toString(), null, reasons[i]));
            }
            int promptTokens = request.prompts().stream().mapToInt(p -> p.length).sum();
            int completionTokens = sequences.stream().mapToInt(OutputSequence::outputTokens).sum();
            return format.whole(choices, new ReplyFormat.Usage(promptTokens, 0, completionTokens));
        }

        @Override
        public void refused(Refusal refusal) {
            answer.completeExceptionally(OpenAiApi.refused(refusal).asException());
        }

        @Override
        public void failed(String message) {
            answer.completeExceptionally(ApiError.server(message).asException());
        }
    }
}
