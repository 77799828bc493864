package io.hfx.plugin.live;

import io.hfx.plugin.service.GenerationListener;
import io.hfx.plugin.service.GenerationListener.FinishReason;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.service.Token;
import io.hfx.plugin.trace.TraceEvent;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.request.RequestSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One request in the service: its token ids, and the line to its listener. Guarded by itself, as
 * the dispatcher's and the workers' threads come here in turn.
 */
final class ActiveRequest {
    private final GenerationRequest request;
    private final GenerationListener listener;
    private final List<Output> outputs = new ArrayList<>();
    private final int[] restoredTokens;
    private @Nullable WorkerLoop worker;
    private int unfinished;
    private boolean silent;

    ActiveRequest(GenerationRequest request, GenerationListener listener) {
        this.request = request;
        this.listener = listener;
        this.unfinished = request.sequences();
        this.restoredTokens = new int[request.prompts().size()];
        for (int i = 0; i < unfinished; i++) {
            outputs.add(new Output());
        }
    }

    GenerationRequest request() {
        return request;
    }

    /**
     * What the scheduler knows of it.
     *
     * @param cachedTokens that a cache seems to have of each prompt; empty for none
     */
    RequestSpec spec(List<Integer> cachedTokens) {
        return new RequestSpec(
                        request.id(),
                        request.sloClass(),
                        request.priority(),
                        request.prompts().stream().map(p -> p.length).toList(),
                        request.choices(),
                        request.maxTokens())
                .withCachedTokens(cachedTokens)
                .withTenant(request.tenant());
    }

    /** The prompt of a sequence. */
    int[] prompt(int sequence) {
        return request.prompts().get(sequence / request.choices());
    }

    /** The worker that holds it, or null. */
    synchronized @Nullable WorkerLoop worker() {
        return worker;
    }

    synchronized void boundTo(@Nullable WorkerLoop loop) {
        worker = loop;
    }

    /** A worker has given it back. */
    synchronized void givenBackBy(@Nullable WorkerLoop loop) {
        if (worker == loop) {
            worker = null;
        }
    }

    /** Prompt and output ids of a sequence at {@code [from, from + count)}. */
    synchronized int[] tokens(int sequence, int from, int count) {
        int[] prompt = prompt(sequence);
        Output output = outputs.get(sequence);
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) {
            int position = from + i;
            ids[i] =
                    position < prompt.length
                            ? prompt[position]
                            : output.ids[position - prompt.length];
        }
        return ids;
    }

    /** Position of the next token of a sequence, counted over prompt and output. */
    synchronized int length(int sequence) {
        return prompt(sequence).length + outputs.get(sequence).size;
    }

    /** Whether a sequence has a token. */
    synchronized boolean hasOutput(int sequence) {
        return outputs.get(sequence).size > 0;
    }

    /** So many tokens of a sequence's prompt came from a cache, before it had a token. */
    synchronized void restored(int sequence, int tokens) {
        int prompt = sequence / request.choices();
        restoredTokens[prompt] = Math.max(restoredTokens[prompt], tokens);
        if (!silent) {
            listener.cached(Arrays.stream(restoredTokens).sum());
        }
    }

    /** Takes a new token and passes it on. */
    synchronized void token(int sequence, Token token) {
        Output output = outputs.get(sequence);
        output.add(token.id());
        if (token.ends()) {
            output.due = FinishReason.STOP;
        } else if (output.size == request.maxTokens() && output.due == null) {
            output.due = FinishReason.LENGTH;
        }
        if (!silent) {
            listener.token(sequence, token);
        }
    }

    /** The front wants no more of a sequence; its worker is told apart from this. */
    synchronized void stop(int sequence) {
        outputs.get(sequence).due = FinishReason.STOP;
    }

    /** Sequences that the front wants no more of, and that no worker has ended yet. */
    synchronized List<Integer> stopping() {
        return IntStream.range(0, outputs.size())
                .filter(i -> !outputs.get(i).ended && outputs.get(i).due == FinishReason.STOP)
                .boxed()
                .toList();
    }

    synchronized void finished(int sequence, FinishReason reason) {
        Output output = outputs.get(sequence);
        if (!output.ended) {
            output.ended = true;
            unfinished--;
            if (!silent) {
                listener.finished(sequence, reason);
            }
        }
    }

    synchronized void refused(Refusal refusal) {
        if (isUnfinished()) {
            silent = true;
            listener.refused(refusal);
        }
    }

    synchronized void failed(String message) {
        if (isUnfinished()) {
            silent = true;
            listener.failed(message);
        }
    }

    /** For its listener to take down. */
    void decided(TraceEvent decision) {
        listener.decided(decision);
    }

    /** The listener hears nothing more. */
    synchronized void cancelled() {
        silent = true;
    }

    synchronized boolean isUnfinished() {
        return unfinished > 0 && !silent;
    }

    synchronized boolean hasBegun() {
        return outputs.stream().anyMatch(o -> o.size > 0);
    }

    /**
     * What its client has, for a new worker. First it ends the sequences that were complete when
     * the old one failed, but not yet ended by it.
     */
    synchronized Progress progress() {
        for (int i = 0; i < outputs.size(); i++) {
            FinishReason due = outputs.get(i).due;
            if (due != null) {
                finished(i, due);
            }
        }
        return new Progress(
                request.id(),
                outputs.stream().map(o -> o.ended ? Progress.ENDED : o.size).toList());
    }

    private static final class Output {
        private int[] ids = new int[16];
        private int size;

        /** How it is complete, perhaps before its worker knows; null while it is not. */
        private @Nullable FinishReason due;

        private boolean ended;

        void add(int id) {
            if (size == ids.length) {
                ids = Arrays.copyOf(ids, size * 2);
            }
            ids[size++] = id;
        }
    }
}
