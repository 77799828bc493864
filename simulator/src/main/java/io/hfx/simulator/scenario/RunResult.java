package io.hfx.simulator.scenario;

import java.util.Map;

/**
 * What one run came to. The same scenario, entrant, rate and seed give equal results.
 *
 * @param rate multiple of the reference capacity
 * @param perSecond requests offered, mean
 * @param seed of the run
 * @param overall requests with an objective
 * @param classes by SLO class
 * @param minClass attainment of the class with objectives that fares worst
 * @param metPerSecond requests that met their objectives, per second of scored arrivals
 * @param busyShare of the workers' time
 * @param modelMape mean of |predicted - took| / took over the steps, warm-up included
 * @param modelBias mean of (predicted - took) / took; above 0 where steps were predicted too long
 * @param cachedShare of the prompts' tokens, those that the prefix cache had, warm-up included
 * @param steps of all workers
 * @param requests in all, warm-up included
 */
public record RunResult(
        String policy,
        double rate,
        double perSecond,
        long seed,
        Score overall,
        Map<String, Score> classes,
        double minClass,
        double metPerSecond,
        double busyShare,
        double modelMape,
        double modelBias,
        double cachedShare,
        long steps,
        long requests) {}
