package io.hfx.simulator.scenario;

import io.hfx.simulator.workload.Arrival;
import io.hfx.simulator.workload.ArrivalProcess;
import io.hfx.simulator.workload.Streams;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** A mix whose parts each arrive by a process of their own, at their share of the rate. */
final class PartArrivals {
    private PartArrivals() {}

    static Iterator<Arrival> of(Load load, double perSecond, long seed) {
        double total = load.mix().stream().mapToDouble(Load.Part::share).sum();
        List<Iterator<Arrival>> streams = new ArrayList<>();
        for (Load.Part part : load.mix()) {
            String own = part.arrivals();
            ArrivalProcess process = ArrivalProcess.parse(own == null ? load.arrivals() : own);
            Iterator<Arrival> lengths =
                    part.lengths().stream(
                            process,
                            perSecond * part.share() / total,
                            seed + 1_000_003L * (streams.size() + 1));
            streams.add(Streams.map(arrival -> arrival.in(part.sloClass()), lengths));
        }
        return Streams.merge(streams);
    }
}
