package io.hfx.plugin.djl;

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
 * The plugin, as the bootstrap jar starts it: puts the scheduler into the server. Constructed once,
 * before the server loads models.
 */
public final class HfxPlugin implements RequestHandler<Object> {
    private static final Logger LOG = LoggerFactory.getLogger(HfxPlugin.class);

    private final HfxModels models = new HfxModels();
    private final ModelAdmin admin = new ModelAdmin(models);

    /**
     * @throws RuntimeException if this server lacks what the plugin needs, or its configuration is
     *     wrong; the server is unchanged then
     */
    public HfxPlugin() {
        ServerInternals internals = new ServerInternals();
        SloResolver slos = new SloResolver(classes());
        RequestContexts contexts = new RequestContexts(slos);
        TokenLevelJobs jobs = PlainJobs.of(models, slos);
        internals.install(new HfxWorkLoadManager(internals, contexts, Map.of(), jobs));
        HfxEngine.register(models);
        LoadingModel.listen();
        LOG.info("HFX schedules every model of this server");
    }

    private static SloClasses classes() {
        String file = ConfigManager.getInstance().getProperty("hfx_slo_classes", null);
        return file == null ? SloClasses.NONE : SloClasses.read(Path.of(file));
    }

    @Override
    public boolean acceptInboundMessage(Object message) {
        return message instanceof FullHttpRequest request && admin.accepts(request);
    }

    @Override
    public @Nullable Object handleRequest(
            ChannelHandlerContext ctx,
            FullHttpRequest request,
            QueryStringDecoder decoder,
            String[] segments) {
        return admin.handle(ctx, request, decoder, segments);
    }
}
