package io.hfx.plugin.djl;

import ai.djl.serving.models.ModelManager;
import ai.djl.serving.plugins.RequestHandler;
import ai.djl.serving.util.ConfigManager;
import io.hfx.plugin.config.PluginConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.file.Path;
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
    private final StatusPages pages;

    /**
     * @throws RuntimeException if this server lacks what the plugin needs, or its configuration is
     *     wrong; the server is unchanged then
     */
    public HfxPlugin() {
        ServerInternals internals = new ServerInternals();
        ConfigManager server = ConfigManager.getInstance();
        PluginConfig config = config(server);
        ModelConfigs configs = new ModelConfigs(config);
        HfxModels models = new HfxModels();
        ServerWatch watch = new ServerWatch(models);
        this.admin = new ModelAdmin(models);
        this.front =
                OpenAiFront.open(
                        models,
                        watch,
                        FrontSettings.read(server, config),
                        configs,
                        () -> ModelManager.getInstance().getSingleStartupWorkflow(),
                        server::getSslContext);
        this.pages = new StatusPages(watch, front.gate());
        internals.install(new HfxWorkLoadManager(internals, configs, watch, front.jobs()));
        HfxEngine.register(models);
        LoadingModel.listen();
        LOG.info("HFX schedules every model of this server");
    }

    private static PluginConfig config(ConfigManager server) {
        String file = server.getProperty("configFile", null);
        return PluginConfig.read(
                file == null ? null : Path.of(file),
                System.getenv(),
                Path.of(ConfigManager.getModelServerHome()));
    }

    @Override
    public boolean acceptInboundMessage(Object message) {
        return message instanceof FullHttpRequest request
                && (admin.accepts(request) || pages.accepts(request) || front.accepts(request));
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
        if (pages.accepts(request)) {
            pages.answer(ctx, request);
        } else {
            front.handle(ctx, request);
        }
        return null;
    }
}
