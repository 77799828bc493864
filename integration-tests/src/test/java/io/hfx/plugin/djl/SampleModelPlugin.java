package io.hfx.plugin.djl;

import ai.djl.serving.plugins.RequestHandler;
import io.hfx.plugin.config.ConfigReader;
import io.hfx.plugin.server.CheckpointModels;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.file.Path;
import java.util.Map;

/**
 * The plugin with one token-level model from its start: the sample checkpoint of the folder {@code
 * hfx.test.model}, on emulated workers. {@code GET /hfx-test/in-flight} tells how many of its
 * requests are unfinished.
 */
public final class SampleModelPlugin implements RequestHandler<Object> {
    /** As its server knows it, too. */
    public static final String MODEL = "sample";

    private final HfxPlugin plugin;

    public SampleModelPlugin() throws Exception {
        Path folder = Path.of(System.getProperty("hfx.test.model"));
        HfxModels models = new HfxModels();
        models.add(
                MODEL,
                new CheckpointModels()
                        .start(
                                new ConfigReader()
                                        .option("hfx_model", folder)
                                        .option("hfx_model_id", MODEL)
                                        .option("hfx_backend", "emulated")
                                        .option("hfx_kv_slots", 32)
                                        .option("hfx_context_tokens", 512)
                                        .option(
                                                "hfx_latency_profile",
                                                folder.resolve("profile.json"))
                                        .read()));
        plugin = new HfxPlugin(models);
    }

    @Override
    public boolean acceptInboundMessage(Object message) {
        return asksInFlight(message) || plugin.acceptInboundMessage(message);
    }

    private static boolean asksInFlight(Object message) {
        return message instanceof FullHttpRequest request
                && request.uri().equals("/hfx-test/in-flight");
    }

    @Override
    public Object handleRequest(
            ChannelHandlerContext ctx,
            FullHttpRequest request,
            QueryStringDecoder decoder,
            String[] segments) {
        return asksInFlight(request)
                ? Map.of("inFlight", plugin.requestsInFlight())
                : plugin.handleRequest(ctx, request, decoder, segments);
    }
}
