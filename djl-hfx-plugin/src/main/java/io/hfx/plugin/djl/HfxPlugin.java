package io.hfx.plugin.djl;

import ai.djl.serving.models.ModelManager;
import ai.djl.serving.plugins.RequestHandler;
import ai.djl.serving.util.ConfigManager;
import io.hfx.plugin.config.SloClasses;
import io.hfx.plugin.openai.SloResolver;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plugin, as the bootstrap jar starts it: puts the scheduler and the OpenAI API into the
 * server. Constructed once, before the server loads models.
 */
public final class HfxPlugin implements RequestHandler<Object> {
    private static final Logger LOG = LoggerFactory.getLogger(HfxPlugin.class);

    private final OpenAiFront front;

    /**
     * @throws RuntimeException if this server lacks what the plugin needs, or its configuration is
     *     wrong; the server is unchanged then
     */
    public HfxPlugin() {
        this(new HfxModels());
    }

    HfxPlugin(HfxModels models) {
        ServerInternals internals = new ServerInternals();
        ConfigManager server = ConfigManager.getInstance();
        SloClasses classes = classes(server);
        RequestContexts contexts = new RequestContexts(new SloResolver(classes));
        this.front =
                OpenAiFront.open(
                        models,
                        FrontSettings.read(server),
                        classes,
                        () -> ModelManager.getInstance().getSingleStartupWorkflow(),
                        server::getSslContext);
        internals.install(
                new HfxWorkLoadManager(internals, contexts, Map.of(), models, front.jobs()));
        LOG.info("HFX schedules every model of this server");
    }

    private static SloClasses classes(ConfigManager server) {
        String file = server.getProperty("hfx_slo_classes", null);
        return file == null ? SloClasses.NONE : SloClasses.read(Path.of(file));
    }

    /** Requests for token-level models, accepted and unfinished. */
    int requestsInFlight() {
        return front.api().inFlight();
    }

    @Override
    public boolean acceptInboundMessage(Object message) {
        return front.accepts(message);
    }

    @Override
    public @Nullable Object handleRequest(
            ChannelHandlerContext ctx,
            FullHttpRequest request,
            QueryStringDecoder decoder,
            String[] segments) {
        front.handle(ctx, request);
        return null;
    }
}
