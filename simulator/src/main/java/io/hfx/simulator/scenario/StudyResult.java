package io.hfx.simulator.scenario;

import java.util.List;
import java.util.Map;

/**
 * What a study found. Equal plans give equal results, whatever the number of threads.
 *
 * @param plan what was asked
 * @param referencePerSecond requests per second that rate 1.0 stands for
 * @param runs by policy, in the order of rates and then seeds
 * @param sweeps in the order asked
 * @param bounds what no policy can beat, or what it could do if it knew more
 */
public record StudyResult(
        StudyPlan plan,
        double referencePerSecond,
        Map<String, List<RunResult>> runs,
        List<Swept> sweeps,
        Bounds.Found bounds) {

    /**
     * One sweep.
     *
     * @param points by value of the axis, in its order
     */
    public record Swept(String axis, List<Point> points) {}

    /**
     * One value of an axis.
     *
     * @param runs by policy
     */
    public record Point(String value, Map<String, List<RunResult>> runs) {}
}
