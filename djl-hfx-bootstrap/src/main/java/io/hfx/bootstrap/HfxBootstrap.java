package io.hfx.bootstrap;

import ai.djl.serving.plugins.RequestHandler;
import ai.djl.serving.util.ConfigManager;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.lang.reflect.InvocationTargetException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What DJL Serving loads from the plugin folder. It checks that HFX can run here and loads it in a
 * class loader of its own. Whatever goes wrong is logged, and the server goes on as if there were
 * no plugin.
 *
 * <p>Java 11 byte code, and nothing of HFX in its signatures: a class that the server cannot load
 * would end its start.
 */
public final class HfxBootstrap implements RequestHandler<Object> {
    private static final Logger LOG = LoggerFactory.getLogger(HfxBootstrap.class);
    private static final int JAVA = 17;
    private static final String PLUGIN = "io.hfx.plugin.djl.HfxPlugin";

    /** Null where HFX is off or could not start. */
    private final RequestHandler<?> plugin;

    public HfxBootstrap() {
        this.plugin = start();
    }

    private static RequestHandler<?> start() {
        try {
            if (!isEnabled()) {
                LOG.info("HFX is off: hfx_enabled is false");
                return null;
            }
            int java = Runtime.version().feature();
            if (java < JAVA) {
                LOG.error("HFX is off: it needs Java {}, this is Java {}", JAVA, java);
                return null;
            }
            ClassLoader loader = PluginLoader.open(HfxBootstrap.class);
            return Class.forName(PLUGIN, true, loader)
                    .asSubclass(RequestHandler.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (Throwable t) {
            say(t);
            return null;
        }
    }

    private static boolean isEnabled() {
        String value = ConfigManager.getInstance().getProperty("hfx_enabled", "true").trim();
        if (!value.equals("true") && !value.equals("false")) {
            throw new IllegalArgumentException("hfx_enabled must be true or false, was " + value);
        }
        return value.equals("true");
    }

    /** One line where the reason is known; the trace too where it is a mistake of ours. */
    private static void say(Throwable t) {
        Throwable cause = t;
        while (cause instanceof InvocationTargetException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        boolean known =
                cause instanceof IllegalStateException
                        || cause instanceof IllegalArgumentException
                        || cause.getClass().getName().startsWith("io.hfx.");
        LOG.error("HFX is off: {}; the server goes on without it", reason, known ? null : cause);
    }

    @Override
    public boolean acceptInboundMessage(Object message) {
        return plugin != null && plugin.acceptInboundMessage(message);
    }

    @Override
    public Object handleRequest(
            ChannelHandlerContext ctx,
            FullHttpRequest request,
            QueryStringDecoder decoder,
            String[] segments) {
        return plugin.handleRequest(ctx, request, decoder, segments);
    }
}
