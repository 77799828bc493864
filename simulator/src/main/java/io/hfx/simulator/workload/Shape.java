package io.hfx.simulator.workload;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/**
 * A built-in kind of traffic: lengths shaped after the percentiles of a published trace, in one or
 * more SLO classes. The sources are named at {@link #NAMED}.
 */
public final class Shape {
    private static final int REFERENCE_DRAWS = 20_000;

    /** Azure LLM inference trace 2023, conversation (Splitwise, ISCA 2024). */
    private static final JointLengths CHAT =
            new JointLengths(
                    QuantileCurve.of(2, 181, 207, 396, 1020, 1189, 2734, 4083, 4142, 14050),
                    QuantileCurve.of(7, 41, 54, 85, 129, 395, 424, 451, 601, 1000),
                    0.09);

    /** Azure LLM inference trace 2023, code (Splitwise, ISCA 2024). */
    private static final JointLengths CODE =
            new JointLengths(
                    QuantileCurve.of(3, 75, 147, 578, 1469, 2744, 5188, 7303, 7436, 7437),
                    QuantileCurve.of(6, 6, 7, 9, 13, 24, 55, 90, 251, 1899),
                    0);

    /** arXiv summarization lengths (Vidur, MLSys 2024): their logarithms correlate by -0.48. */
    private static final JointLengths SUMMARISE =
            new JointLengths(
                    QuantileCurve.of(1, 749, 1242, 1986, 2730, 3370, 3702, 3813, 3933, 4054),
                    QuantileCurve.of(5, 60, 78, 115, 167, 242, 372, 736, 3271, 4056),
                    -0.67);

    /** Mooncake conversation (FAST'25): long, growing contexts, the nearest published to agents. */
    private static final JointLengths AGENT =
            new JointLengths(
                    QuantileCurve.of(891, 901, 964, 2306, 6909, 15367, 27367, 39550, 85400, 126195),
                    QuantileCurve.of(1, 10, 24, 156, 350, 472, 597, 698, 1119, 2000),
                    0.05);

    private static final Map<String, Shape> NAMED = named();

    private final String name;
    private final List<Part> parts;

    private Shape(String name, List<Part> parts) {
        this.name = name;
        this.parts = parts;
    }

    /** One kind of request in a shape; the shares of a shape add up to 1. */
    private record Part(double share, String sloClass, JointLengths lengths) {}

    /**
     * One class of an own shape: prompt and output lengths are drawn independently, the logarithm
     * of each uniform between its bounds.
     *
     * @param sloClass name of the class
     * @param share weight of this class, above 0; the shares need not add up to 1
     * @param minPromptTokens least, at least 1
     * @param maxPromptTokens largest
     * @param minOutputTokens least, at least 1
     * @param maxOutputTokens largest
     */
    public record Range(
            String sloClass,
            double share,
            int minPromptTokens,
            int maxPromptTokens,
            int minOutputTokens,
            int maxOutputTokens) {}

    /** An own shape. */
    public static Shape of(String name, List<Range> ranges) {
        double total = ranges.stream().mapToDouble(Range::share).sum();
        List<Part> parts = new ArrayList<>();
        for (Range range : ranges) {
            JointLengths lengths =
                    new JointLengths(
                            QuantileCurve.between(range.minPromptTokens(), range.maxPromptTokens()),
                            QuantileCurve.between(range.minOutputTokens(), range.maxOutputTokens()),
                            0);
            parts.add(new Part(range.share() / total, range.sloClass(), lengths));
        }
        return new Shape(name, parts);
    }

    /** Names of the built-in shapes. */
    public static List<String> names() {
        return List.copyOf(NAMED.keySet());
    }

    /**
     * The shape of that name: chat, code, summarise, agent, or mixed (half chat, 30 % code, 20 %
     * summarise). Except in mixed, the SLO class has the name of the shape.
     */
    public static Shape named(String name) {
        Shape shape = NAMED.get(name);
        if (shape == null) {
            throw new WorkloadException(
                    "workload must be one of " + NAMED.keySet() + ", was " + name);
        }
        return shape;
    }

    /**
     * A workload of this shape. Arrivals and lengths come from separate streams of the seed, so
     * that the n-th request is the same at every rate.
     */
    public Workload generate(
            ArrivalProcess process, double perSecond, long windowNanos, long seed) {
        Numbers.positive("rate", Double.toString(perSecond));
        SplittableRandom random = new SplittableRandom(~seed);
        List<Arrival> arrivals = new ArrayList<>();
        for (long atNanos : process.arrivalNanos(perSecond, windowNanos, seed)) {
            arrivals.add(draw(atNanos, random));
        }
        return new Workload(name, arrivals, windowNanos, 0, 0);
    }

    /**
     * The same requests as {@link #generate}, made as they are asked for, without end.
     *
     * @param perSecond mean rate
     * @param seed equal seeds give equal requests
     */
    public Iterator<Arrival> stream(ArrivalProcess process, double perSecond, long seed) {
        Numbers.positive("rate", Double.toString(perSecond));
        SplittableRandom random = new SplittableRandom(~seed);
        LongSupplier times = process.arrivals(perSecond, seed);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Arrival next() {
                return draw(times.getAsLong(), random);
            }
        };
    }

    /** The 99th percentile of prompt and output together, in tokens, of a fixed large sample. */
    public long totalTokensP99() {
        SplittableRandom random = new SplittableRandom(1);
        long[] totals = new long[REFERENCE_DRAWS];
        Arrays.setAll(totals, i -> draw(0, random).totalTokens());
        Arrays.sort(totals);
        return totals[(int) Math.ceil(0.99 * REFERENCE_DRAWS) - 1];
    }

    private Arrival draw(long atNanos, SplittableRandom random) {
        double left = random.nextDouble();
        int i = 0;
        while (i < parts.size() - 1 && left >= parts.get(i).share()) {
            left -= parts.get(i++).share();
        }
        return parts.get(i).lengths().draw(atNanos, parts.get(i).sloClass(), random);
    }

    private static Map<String, Shape> named() {
        Part chat = new Part(1, "chat", CHAT);
        Part code = new Part(1, "code", CODE);
        Part summarise = new Part(1, "summarise", SUMMARISE);
        Part agent = new Part(1, "agent", AGENT);
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (Part part : List.of(chat, code, summarise, agent)) {
            shapes.put(part.sloClass(), new Shape(part.sloClass(), List.of(part)));
        }
        List<Part> mixed =
                List.of(
                        new Part(0.5, "chat", CHAT),
                        new Part(0.3, "code", CODE),
                        new Part(0.2, "summarise", SUMMARISE));
        shapes.put("mixed", new Shape("mixed", mixed));
        return shapes;
    }
}
