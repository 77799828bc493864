package io.hfx.plugin.server;

import io.hfx.plugin.service.GenerationListener;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.ModelService;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.service.ServedModel;
import io.hfx.plugin.service.ServiceStatus;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A service that closes what it stands on after itself. */
record ClosingService(ModelService service, AutoCloseable resources) implements ModelService {
    private static final Logger LOG = LoggerFactory.getLogger(ClosingService.class);

    @Override
    public @Nullable Refusal unavailable() {
        return service.unavailable();
    }

    @Override
    public ServedModel model() {
        return service.model();
    }

    @Override
    public void submit(GenerationRequest request, GenerationListener listener) {
        service.submit(request, listener);
    }

    @Override
    public void cancel(long requestId) {
        service.cancel(requestId);
    }

    @Override
    public void stop(long requestId, int sequence) {
        service.stop(requestId, sequence);
    }

    @Override
    public ServiceStatus status() {
        return service.status();
    }

    @Override
    public void close() {
        service.close();
        closeQuietly(resources);
    }

    static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            LOG.warn("a resource did not close", e);
        }
    }

    /** Things to close, none of which keeps the others open, the last one first; once. */
    static final class Resources implements AutoCloseable {
        private final Deque<AutoCloseable> open = new ArrayDeque<>();

        synchronized <T extends AutoCloseable> T add(T resource) {
            open.push(resource);
            return resource;
        }

        @Override
        public synchronized void close() {
            while (!open.isEmpty()) {
                closeQuietly(open.pop());
            }
        }
    }
}
