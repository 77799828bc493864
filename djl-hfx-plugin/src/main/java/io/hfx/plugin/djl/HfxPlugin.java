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
 * The plugin, as the bootstrap jar starts it: puts the scheduler, the token-level engine and the
 * OpenAI API into the server. Constructed once, before the server loads models.
 */
public final class HfxPlugin implements RequestHandler<Object> {
    private static final Logger LOG = LoggerFactory.getLogger(HfxPlugin.class);

    private final ModelAdmin admin;
    private final OpenAiFront front;

    /**
     * @throws RuntimeException if this server lacks what the plugin needs, or its configuration is
     *     wrong; the server is unchanged then
     */
    public HfxPlugin() {
        ServerInternals internals = new ServerInternals();
        HfxModels models = new HfxModels();
        ConfigManager server = ConfigManager.getInstance();
        SloClasses classes = classes(server);
        RequestContexts contexts = new RequestContexts(new SloResolver(classes));
        this.admin = new ModelAdmin(models);
        this.front =
                OpenAiFront.open(
                        models,
                        FrontSettings.read(server),
                        classes,
                        () -> ModelManager.getInstance().getSingleStartupWorkflow(),
                        server::getSslContext);
        internals.install(new HfxWorkLoadManager(internals, contexts, Map.of(), front.jobs()));
        HfxEngine.register(models);
        LoadingModel.listen();
        LOG.info("HFX schedules every model of this server");
    }

    private static SloClasses classes(ConfigManager server) {
        String file = server.getProperty("hfx_slo_classes", null);
        return file == null ? SloClasses.NONE : SloClasses.read(Path.of(file));
    }

    @Override
    public boolean acceptInboundMessage(Object message) {
        return message instanceof FullHttpRequest request
                && (admin.accepts(request) || front.accepts(request));
    }

    @Override
    public @Nullable Object handleRequest(
            ChannelHandlerContext ctx,
            FullHttpRequest request,
            QueryStringDecoder decoder,
            String[] segments) {
        if (admin.accepts(request)) {
            return admin.handle(ctx, request, decoder, segments);
        }
        front.handle(ctx, request);
        return null;
    }
}
