package io.hfx.plugin.djl;

import ai.djl.serving.plugins.RequestHandler;
import ai.djl.serving.util.ConfigManager;
import io.hfx.plugin.config.PluginConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plugin, as the bootstrap jar starts it: puts the scheduler into the server. Constructed once,
 * before the server loads models.
 */
public final class HfxPlugin implements RequestHandler<Object> {
    private static final Logger LOG = LoggerFactory.getLogger(HfxPlugin.class);

    /**
     * @throws RuntimeException if this server lacks what the plugin needs, or its configuration is
     *     wrong; the server is unchanged then
     */
    public HfxPlugin() {
        ServerInternals internals = new ServerInternals();
        ModelConfigs models = new ModelConfigs(config());
        internals.install(new HfxWorkLoadManager(internals, new RequestContexts(), models));
        LOG.info("HFX schedules every model of this server");
    }

    private static PluginConfig config() {
        String file = ConfigManager.getInstance().getProperty("configFile", null);
        return PluginConfig.read(
                file == null ? null : Path.of(file),
                System.getenv(),
                Path.of(ConfigManager.getModelServerHome()));
    }

    @Override
    public boolean acceptInboundMessage(Object message) {
        return false;
    }

    @Override
    public Object handleRequest(
            ChannelHandlerContext ctx,
            FullHttpRequest request,
            QueryStringDecoder decoder,
            String[] segments) {
        throw new IllegalStateException("the plugin accepts no request");
    }
}
