package io.hfx.benchmarks.djl;

import io.hfx.harness.DjlServer;
import io.hfx.harness.DjlSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** The servers that are compared, all up at once. Their logs are kept beside the results. */
final class Servers implements AutoCloseable {
    static final String STOCK = "stock";

    /** A second stock server: how much two of the same kind differ. */
    static final String STOCK_AGAIN = "stock-again";

    /** The one with the plugin folder. */
    static final String HFX = "hfx";

    /** Says which models a server has, and its keys. */
    interface Content {
        void into(DjlSetup setup) throws IOException;
    }

    private final Map<String, DjlServer> servers = new LinkedHashMap<>();
    private final Part part;
    private final Path folder;

    private Servers(Part part) throws IOException {
        this.part = part;
        folder = Files.createTempDirectory("hfx-djl-bench");
    }

    /**
     * Starts them one after the other.
     *
     * @param content of all of them
     * @param ofHfx what the one with the plugin has besides
     */
    static Servers start(Part part, List<String> names, Content content, Content ofHfx)
            throws Exception {
        part.check();
        Servers started = new Servers(part);
        try {
            for (String name : names) {
                DjlSetup setup = new DjlSetup(Files.createDirectory(started.folder.resolve(name)));
                content.into(setup);
                if (name.equals(HFX)) {
                    ofHfx.into(setup.withPlugin(part.plugin));
                } else {
                    setup.withoutPlugin();
                }
                started.servers.put(name, setup.start());
                System.out.println(name + " is up");
            }
            return started;
        } catch (Exception e) {
            started.close();
            throw e;
        }
    }

    List<String> names() {
        return List.copyOf(servers.keySet());
    }

    DjlServer get(String name) {
        return Objects.requireNonNull(servers.get(name), name);
    }

    @Override
    public void close() throws IOException {
        for (Map.Entry<String, DjlServer> each : servers.entrySet()) {
            each.getValue().close();
            Path logs = Files.createDirectories(part.out.resolve("logs"));
            Files.copy(
                    folder.resolve(each.getKey()).resolve(DjlServer.LOG),
                    logs.resolve(part.partName() + "-" + each.getKey() + ".log"),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
