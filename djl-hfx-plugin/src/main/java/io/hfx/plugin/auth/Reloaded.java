package io.hfx.plugin.auth;

import io.hfx.plugin.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A value that is made of files, and anew when they change. Where that fails, the last good value
 * stays, and the log says so once per change. {@link #get} from any thread, {@link #refresh} from
 * one at a time.
 */
public final class Reloaded<T> implements Supplier<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Reloaded.class);

    private final List<Path> files;
    private final Supplier<T> reader;
    private List<Object> stamps;
    private volatile T value;

    /**
     * Reads the files for the first time.
     *
     * @param reader makes the value
     * @throws ConfigException if the reader does
     */
    public Reloaded(List<Path> files, Supplier<T> reader) {
        this.files = List.copyOf(files);
        this.reader = reader;
        this.stamps = stamps();
        this.value = reader.get();
    }

    @Override
    public T get() {
        return value;
    }

    /** Reads the files again if they look changed: by time, size or identity. */
    public void refresh() {
        List<Object> now = stamps();
        if (now.equals(stamps)) {
            return;
        }
        stamps = now;
        try {
            value = reader.get();
            LOG.info("read again: {}", files);
        } catch (ConfigException e) {
            LOG.warn("kept as it was: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("kept as it was: {}", files, e);
        }
    }

    private List<Object> stamps() {
        List<Object> stamps = new ArrayList<>();
        for (Path file : files) {
            try {
                BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
                stamps.add(
                        List.of(now.lastModifiedTime(), now.size(), String.valueOf(now.fileKey())));
            } catch (IOException e) {
                stamps.add("none");
            }
        }
        return stamps;
    }
}
