package io.hfx.cli.record;

import io.hfx.simulator.workload.ArrivalProcess;
import io.hfx.simulator.workload.ClassMix;
import io.hfx.simulator.workload.LengthFit;
import io.hfx.simulator.workload.Shape;
import io.hfx.simulator.workload.Trace;
import io.hfx.simulator.workload.Workload;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What is sent, at any rate: a part of a trace in stretched time, or a built-in shape with Poisson
 * arrivals. Lengths are brought into the context (see {@link LengthFit}).
 *
 * @param shape name of a built-in shape
 * @param trace in its place; null for none
 * @param mix classes that are drawn; null for those of the shape
 * @param contextTokens longest request
 * @param seed of all that is drawn
 */
public record OfferedLoad(
        String shape, @Nullable Path trace, @Nullable ClassMix mix, int contextTokens, long seed) {
    private static final double NANOS_PER_SECOND = 1e9;

    /** So many seconds at this rate. A trace gives its first requests. */
    Workload at(double perSecond, double seconds) {
        if (trace != null) {
            Workload all = fitted(Trace.read(trace, seed), null);
            return assigned(all.first(Math.round(perSecond * seconds)).atRate(perSecond));
        }
        Shape built = Shape.named(shape);
        long windowNanos = (long) (seconds * NANOS_PER_SECOND);
        return assigned(
                fitted(
                        built.generate(new ArrivalProcess.Poisson(), perSecond, windowNanos, seed),
                        built.totalTokensP99()));
    }

    private Workload fitted(Workload workload, @Nullable Long totalTokensP99) {
        long p99 = totalTokensP99 == null ? LengthFit.totalTokensP99(workload) : totalTokensP99;
        return LengthFit.forP99(p99, contextTokens).apply(workload);
    }

    private Workload assigned(Workload workload) {
        return mix == null ? workload : workload.assigned(mix, seed + 1);
    }
}
