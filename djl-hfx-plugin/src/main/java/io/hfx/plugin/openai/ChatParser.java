package io.hfx.plugin.openai;

import io.hfx.engine.text.ChatTemplate;
import io.hfx.plugin.config.RequestLimits;
import io.hfx.plugin.openai.RequestField.Where;
import io.hfx.plugin.service.ServedModel;
import java.util.List;

/** The body of {@code /v1/chat/completions}. */
final class ChatParser implements RequestParser {
    @Override
    public ParsedRequest parse(Fields body, ServedModel model, RequestLimits limits) {
        Parameters parameters = Parameters.read(body, true, model, limits);
        Surface.check(body, Where.CHAT);
        ChatPrompt prompt = ChatPrompt.read(body);
        body.rejectOthers();
        ChatTemplate template = model.chatTemplate();
        if (template == null) {
            throw Fields.bad("messages", "This model has no chat template: use /v1/completions");
        }
        int[] tokens = model.tokenizer().encode(prompt.render(template), false);
        RequestParser.checkPrompt("messages", tokens, model, limits);
        int rest = model.maxSequenceTokens() - tokens.length;
        return new ParsedRequest(
                parameters,
                List.of(tokens),
                List.of(),
                prompt.continued(),
                Math.min(rest, limits.outputTokens()));
    }
}
