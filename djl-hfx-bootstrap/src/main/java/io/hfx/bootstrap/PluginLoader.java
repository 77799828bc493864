package io.hfx.bootstrap;

import ai.djl.serving.util.MutableClassLoader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads HFX and its libraries from the folder {@code lib} beside the bootstrap jar. The server puts
 * every file of the plugin folder whose name ends with {@code .jar} on a class path that all
 * plugins share, so these end with {@value #SUFFIX}.
 *
 * <p>Own classes first: a library that the server has in another version stays the server's affair.
 * What HFX does not bring (Netty, slf4j, DJL, the server itself) comes from the server.
 *
 * <p>ONNX Runtime is the server's where it has it, on its class path or in its folder {@code deps};
 * else the one that HFX brings in {@code lib/onnxruntime}, of the version that the server would
 * fetch: one process cannot hold two versions.
 */
final class PluginLoader extends URLClassLoader {
    private static final Logger LOG = LoggerFactory.getLogger(PluginLoader.class);

    static final String SUFFIX = ".jar.hfx";

    private static final String ORT = "ai.onnxruntime.";
    private static final String ORT_CLASS = "ai/onnxruntime/OrtEnvironment.class";

    static {
        registerAsParallelCapable();
    }

    private final Path ortFolder;

    /** Whoever has ONNX Runtime; decided when it is first asked for. */
    private ClassLoader ort;

    private PluginLoader(URL[] jars, Path ortFolder, ClassLoader parent) {
        super("hfx", jars, parent);
        this.ortFolder = ortFolder;
    }

    /** Opens the libraries beside the jar that a class was loaded from. */
    static ClassLoader open(Class<?> bootstrap) {
        try {
            Path jar =
                    Path.of(bootstrap.getProtectionDomain().getCodeSource().getLocation().toURI());
            Path folder = jar.resolveSibling("lib");
            return new PluginLoader(
                    jars(folder), folder.resolve("onnxruntime"), bootstrap.getClassLoader());
        } catch (IOException e) {
            throw new UncheckedIOException("the libraries of HFX cannot be read", e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the plugin folder has no file path", e);
        }
    }

    private static URL[] jars(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            files.forEach(found::add);
        }
        if (found.isEmpty()) {
            throw new IllegalStateException("no " + SUFFIX + " files in " + folder);
        }
        Collections.sort(found);
        URL[] urls = new URL[found.size()];
        for (int i = 0; i < urls.length; i++) {
            urls[i] = found.get(i).toUri().toURL();
        }
        return urls;
    }

    private synchronized ClassLoader ort() throws ClassNotFoundException {
        if (ort == null) {
            ClassLoader server = MutableClassLoader.getInstance();
            boolean has = server.getResource(ORT_CLASS) != null;
            LOG.info("ONNX Runtime is {}", has ? "the server's" : "the plugin's own");
            try {
                ort = has ? server : new URLClassLoader(jars(ortFolder), getParent());
            } catch (IOException e) {
                throw new ClassNotFoundException("ONNX Runtime cannot be read", e);
            }
        }
        return ort;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (name.startsWith(ORT)) {
            return ort().loadClass(name);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded == null && !name.startsWith("java.")) {
                try {
                    loaded = findClass(name);
                } catch (ClassNotFoundException e) {
                    loaded = null; // not ours
                }
            }
            return loaded == null ? super.loadClass(name, resolve) : loaded;
        }
    }

    @Override
    public URL getResource(String name) {
        URL own = findResource(name);
        return own == null ? super.getResource(name) : own;
    }
}
