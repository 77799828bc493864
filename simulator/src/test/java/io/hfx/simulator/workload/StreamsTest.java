package io.hfx.simulator.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamsTest {
    private static final long SECOND = 1_000_000_000L;

    private static List<Arrival> list(Iterator<Arrival> stream) {
        List<Arrival> all = new ArrayList<>();
        stream.forEachRemaining(all::add);
        return all;
    }

    private static List<Arrival> seconds(double from, double to, List<Arrival> all) {
        return all.stream()
                .filter(a -> a.atNanos() >= from * SECOND && a.atNanos() < to * SECOND)
                .toList();
    }

    private static double share(String sloClass, List<Arrival> all) {
        return all.stream().filter(a -> a.sloClass().equals(sloClass)).count()
                / (double) all.size();
    }

    @Test
    void aStreamIsTheWorkloadOfTheSameSeed() {
        Shape mixed = Shape.named("mixed");
        ArrivalProcess gamma = new ArrivalProcess.Gamma(2);
        List<Arrival> made = mixed.generate(gamma, 20, 60 * SECOND, 7).arrivals();
        assertEquals(made, list(Streams.until(60 * SECOND, mixed.stream(gamma, 20, 7))));
        assertEquals(made.subList(0, 9), list(Streams.first(9, mixed.stream(gamma, 20, 7))));
    }

    @Test
    void mergedStreamsAscendAndLoseNothing() {
        Iterator<Arrival> a =
                Streams.first(500, Shape.named("chat").stream(new ArrivalProcess.Poisson(), 3, 1));
        Iterator<Arrival> b =
                Streams.first(300, Shape.named("code").stream(new ArrivalProcess.Poisson(), 9, 2));
        List<Arrival> all = list(Streams.merge(List.of(a, b)));
        assertEquals(800, all.size());
        for (int i = 1; i < all.size(); i++) {
            assertTrue(all.get(i - 1).atNanos() <= all.get(i).atNanos());
        }
    }

    @Test
    void theMixFlips() {
        List<Arrival> all =
                list(
                        Streams.until(
                                2_000 * SECOND,
                                Mixes.flip(
                                        Shape.named("chat"),
                                        Shape.named("code"),
                                        0.8,
                                        1_000,
                                        10,
                                        3)));
        assertEquals(20_000, all.size(), 600);
        assertEquals(0.8, share("chat", seconds(0, 1_000, all)), 0.02);
        assertEquals(0.2, share("chat", seconds(1_000, 2_000, all)), 0.02);
    }

    @Test
    void peaksFollowOneAnother() {
        List<Shape> shapes = List.of(Shape.named("chat"), Shape.named("code"));
        List<Arrival> all =
                list(Streams.until(4_000 * SECOND, Mixes.phasedPeaks(shapes, 1, 4_000, 10, 5)));
        // 1 + sin over half a period: the first class has 1/2 + 1/pi of its requests there
        assertEquals(0.5 + 1 / Math.PI, share("chat", seconds(0, 2_000, all)), 0.02);
        assertEquals(0.5 - 1 / Math.PI, share("chat", seconds(2_000, 4_000, all)), 0.02);
    }

    @Test
    void theDayKeepsTheMeanRate() {
        ArrivalProcess day = ArrivalProcess.parse("diurnal:0.5@1000+0");
        assertEquals(50_000, day.arrivalNanos(10, 5_000 * SECOND, 1).length, 900);
        assertEquals(
                (500 + 0.5 * 1_000 / Math.PI) * 10,
                day.arrivalNanos(10, 500 * SECOND, 1).length,
                300,
                "the half with the peak");
        assertThrows(WorkloadException.class, () -> ArrivalProcess.parse("diurnal:2@1000+0"));
        assertThrows(WorkloadException.class, () -> ArrivalProcess.parse("diurnal:0.5@1000"));
    }

    @Test
    void classesAndTenantsAreDrawnByTheirShares() {
        Iterator<Arrival> stream =
                Streams.first(
                        20_000, Shape.named("chat").stream(new ArrivalProcess.Poisson(), 9, 1));
        Iterator<Arrival> classes = ClassMix.parse("tight=0.25,loose=0.75").classes(stream, 1);
        List<Arrival> all = list(ClassMix.parse("acme=0.9,tiny=0.1").tenants(classes, 2));
        assertEquals(0.25, share("tight", all), 0.01);
        double acme = all.stream().filter(a -> a.tenant().equals("acme")).count() / 20_000.0;
        assertEquals(0.9, acme, 0.01);
    }
}
