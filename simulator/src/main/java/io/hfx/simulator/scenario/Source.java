package io.hfx.simulator.scenario;

import io.hfx.simulator.workload.Arrival;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Where the requests of a scenario come from. Immutable: each call makes a stream of its own. */
interface Source {
    /**
     * Arrivals of at least so many seconds.
     *
     * @param perSecond mean rate, above 0
     * @param seconds above 0
     * @param seed equal seeds give equal arrivals
     */
    Iterator<Arrival> arrivals(double perSecond, double seconds, long seed);

    /**
     * The source that a load names.
     *
     * @param scenario its name, for messages
     * @param data folder of traces, or null where there is none
     * @throws ScenarioException if it needs a file that is not there
     */
    static Source of(Load load, String scenario, @Nullable Path data) {
        Load.TraceSource trace = load.trace();
        if (trace != null) {
            return new TraceArrivals(trace, inData(trace.file(), scenario, data));
        }
        Load.ServeGenSource clients = load.serveGen();
        if (clients != null) {
            return new ServeGenArrivals(clients, inData(clients.folder(), scenario, data));
        }
        return load.mix().stream().allMatch(part -> part.arrivals() == null)
                ? (perSecond, seconds, seed) -> new MixedArrivals(load, perSecond, seed)
                : (perSecond, seconds, seed) -> PartArrivals.of(load, perSecond, seed);
    }

    private static Path inData(String name, String scenario, @Nullable Path data) {
        if (data == null) {
            throw new ScenarioException(
                    "scenario "
                            + scenario
                            + " replays "
                            + name
                            + ": name the folder of traces with --data or HFX_DATA");
        }
        Path file = data.resolve(name);
        if (!Files.exists(file)) {
            throw new ScenarioException(
                    "scenario " + scenario + " needs " + name + ", which is not in " + data);
        }
        return file;
    }
}
