package io.hfx.plugin.djl;

import ai.djl.serving.plugins.RequestHandler;
import ai.djl.serving.util.ConfigManager;
import io.hfx.plugin.auth.Entrance;
import io.hfx.plugin.config.Access;
import io.hfx.plugin.config.SloClasses;
import io.hfx.plugin.http.Caller;
import io.hfx.plugin.http.Gate;
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

    private final StatusPages pages;

    /**
     * @throws RuntimeException if this server lacks what the plugin needs, or its configuration is
     *     wrong; the server is unchanged then
     */
    public HfxPlugin() {
        ServerInternals internals = new ServerInternals();
        SloClasses classes = classes();
        RequestContexts contexts = new RequestContexts(new SloResolver(classes));
        ServerWatch server = new ServerWatch();
        this.pages = new StatusPages(server, gate(classes));
        internals.install(new HfxWorkLoadManager(internals, contexts, server, Map.of()));
        LOG.info("HFX schedules every model of this server");
    }

    /** Without keys the pages are as open as the server's own management API beside them. */
    private static Gate gate(SloClasses classes) {
        String file = ConfigManager.getInstance().getProperty("hfx_keys_file", null);
        if (file == null) {
            return head -> Caller.ANYBODY;
        }
        Access access = new Access(Path.of(file), false, null, false);
        Entrance entrance = new Entrance(access, "127.0.0.1", classes);
        return head -> {
            entrance.refresh();
            return entrance.gate().admit(head);
        };
    }

    private static SloClasses classes() {
        String file = ConfigManager.getInstance().getProperty("hfx_slo_classes", null);
        return file == null ? SloClasses.NONE : SloClasses.read(Path.of(file));
    }

    @Override
    public boolean acceptInboundMessage(Object message) {
        return message instanceof FullHttpRequest request && pages.accepts(request);
    }

    @Override
    public @Nullable Object handleRequest(
            ChannelHandlerContext ctx,
            FullHttpRequest request,
            QueryStringDecoder decoder,
            String[] segments) {
        pages.answer(ctx, request);
        return null;
    }
}
