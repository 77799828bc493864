package io.hfx.plugin.openai;

import io.hfx.plugin.http.ApiError;
import io.hfx.plugin.http.EventStream;
import io.hfx.plugin.http.HttpExchange;
import io.hfx.plugin.openai.ReplyFormat.Choice;
import io.hfx.plugin.openai.ReplyFormat.Usage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answer that a session builds. Belongs to the connection's event loop. */
sealed interface Reply {
    /** One token's text, perhaps empty, and the token where logprobs are asked for. */
    void delta(int choice, String text, @Nullable ScoredToken token);

    /** The last text of a choice, perhaps empty, and why it ended. */
    void close(int choice, String text, String finishReason);

    /** All choices are closed. */
    void end(Usage usage);

    /** The request failed after it began. */
    void fail(ApiError error);

    /** Server-sent events, one per token as it comes; begins with the first of them. */
    final class Streamed implements Reply {
        private final HttpExchange exchange;
        private final ReplyFormat format;
        private final boolean includeUsage;
        private final boolean[] opened;
        private @Nullable EventStream stream;

        Streamed(HttpExchange exchange, ReplyFormat format, boolean includeUsage, int choices) {
            this.exchange = exchange;
            this.format = format;
            this.includeUsage = includeUsage;
            this.opened = new boolean[choices];
        }

        @Override
        public void delta(int choice, String text, @Nullable ScoredToken token) {
            EventStream out = open(choice);
            out.event(format.delta(choice, text, token));
            out.flush();
        }

        @Override
        public void close(int choice, String text, String finishReason) {
            EventStream out = open(choice);
            if (!text.isEmpty()) {
                out.event(format.delta(choice, text, null));
            }
            out.event(format.closing(choice, finishReason));
            out.flush();
        }

        @Override
        public void end(Usage usage) {
            EventStream out = stream();
            if (includeUsage) {
                out.event(format.usage(usage));
            }
            out.event("[DONE]");
            out.end();
        }

        @Override
        public void fail(ApiError error) {
            if (stream == null) {
                exchange.fail(error);
                return;
            }
            exchange.closeAfter();
            stream.event(error.json());
            stream.end();
        }

        private EventStream open(int choice) {
            EventStream out = stream();
            if (!opened[choice]) {
                opened[choice] = true;
                String opening = format.opening(choice);
                if (opening != null) {
                    out.event(opening);
                }
            }
            return out;
        }

        private EventStream stream() {
            if (stream == null) {
                stream = exchange.stream();
            }
            return stream;
        }
    }

    /** One JSON body when all is there. */
    final class Whole implements Reply {
        private final HttpExchange exchange;
        private final ReplyFormat format;
        private final boolean scored;
        private final List<StringBuilder> texts = new ArrayList<>();
        private final List<List<ScoredToken>> tokens = new ArrayList<>();
        private final String[] finishReasons;

        /**
         * @param scored whether logprobs are asked for
         */
        Whole(HttpExchange exchange, ReplyFormat format, boolean scored, int choices) {
            this.exchange = exchange;
            this.format = format;
            this.scored = scored;
            this.finishReasons = new String[choices];
            for (int i = 0; i < choices; i++) {
                texts.add(new StringBuilder());
                tokens.add(new ArrayList<>());
            }
        }

        @Override
        public void delta(int choice, String text, @Nullable ScoredToken token) {
            texts.get(choice).append(text);
            if (token != null) {
                tokens.get(choice).add(token);
            }
        }

        @Override
        public void close(int choice, String text, String finishReason) {
            texts.get(choice).append(text);
            finishReasons[choice] = finishReason;
        }

        @Override
        public void end(Usage usage) {
            List<Choice> choices = new ArrayList<>();
            for (int i = 0; i < finishReasons.length; i++) {
                choices.add(
                        new Choice(
                                texts.get(i).toString(),
                                scored ? tokens.get(i) : null,
                                finishReasons[i]));
            }
            exchange.json(200, format.whole(choices, usage));
        }

        @Override
        public void fail(ApiError error) {
            exchange.fail(error);
        }
    }
}
