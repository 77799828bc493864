package io.hfx.plugin.config;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Where the weights of a model come from, and whether others may have them.
 *
 * @param sources in the order to try them
 * @param transport what carries them over links, on both sides
 * @param cloneFrom seeds, in the order to try them
 * @param cloneLinks connections over which one seed gives them by TCP, 1 to 8
 * @param seedAddress where this server is a seed itself
 * @param seedBytesPerSecond rate at which it gives weights away over links while requests run; 0
 *     for no limit
 * @param seedSlowdown part by which its own steps may get longer meanwhile, before that rate falls;
 *     0 for not looking at them
 * @param workerKeyFile the secret that seeds and joiners prove to each other
 */
public record WeightSettings(
        List<WeightSource> sources,
        CloneTransport transport,
        List<HostPort> cloneFrom,
        int cloneLinks,
        Optional<HostPort> seedAddress,
        long seedBytesPerSecond,
        double seedSlowdown,
        Optional<Path> workerKeyFile) {
    /** From the disk, for nobody else. */
    public static final WeightSettings LOCAL =
            new WeightSettings(
                    List.of(WeightSource.DISK),
                    CloneTransport.TCP,
                    List.of(),
                    2,
                    Optional.empty(),
                    0,
                    0,
                    Optional.empty());

    private static final String LOOPBACK = "127.0.0.1";
    private static final long MEGABYTE = 1_000_000;

    public WeightSettings {
        sources = List.copyOf(sources);
        cloneFrom = List.copyOf(cloneFrom);
    }

    /** The same where a relative path is found from a folder. */
    public WeightSettings in(Path folder) {
        return new WeightSettings(
                sources,
                transport,
                cloneFrom,
                cloneLinks,
                seedAddress,
                seedBytesPerSecond,
                seedSlowdown,
                workerKeyFile.map(folder::resolve));
    }

    /**
     * Reads the keys.
     *
     * @param prefix that messages put before a key's name
     * @param text of a key's checked value by its name without prefix; empty for none
     * @throws ConfigException that names the key
     */
    public static WeightSettings of(String prefix, UnaryOperator<String> text) {
        String cloneFrom = text.apply("clone_from");
        String seed = text.apply("seed_address");
        String key = text.apply("worker_key_file");
        if (key.isEmpty() && !(cloneFrom.isEmpty() && seed.isEmpty())) {
            throw new ConfigException(
                    String.format(
                            "%1$sworker_key_file must name the file of the secret of all workers"
                                    + " where %1$sclone_from or %1$sseed_address is stated",
                            prefix));
        }
        List<WeightSource> sources =
                WeightSource.parse(prefix + "weight_sources", text.apply("weight_sources"));
        if (cloneFrom.isEmpty() && !sources.contains(WeightSource.DISK)) {
            throw new ConfigException(
                    String.format("%1$sweight_sources without disk needs %1$sclone_from", prefix));
        }
        return new WeightSettings(
                sources,
                CloneTransport.parse(prefix + "clone_transport", text.apply("clone_transport")),
                cloneFrom.isEmpty()
                        ? List.of()
                        : Arrays.stream(cloneFrom.split(",", -1))
                                .map(each -> HostPort.parse(prefix + "clone_from", each, ""))
                                .toList(),
                Integer.parseInt(text.apply("clone_links")),
                seed.isEmpty()
                        ? Optional.empty()
                        : Optional.of(HostPort.parse(prefix + "seed_address", seed, LOOPBACK)),
                Long.parseLong(text.apply("seed_megabytes_per_second")) * MEGABYTE,
                Long.parseLong(text.apply("seed_slowdown_percent")) / 100.0,
                key.isEmpty() ? Optional.empty() : Optional.of(Path.of(key)));
    }
}
