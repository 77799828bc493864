package io.hfx.simulator.scenario;

import java.util.List;

/**
 * What is offered to which fleet, as its file has it. Nothing of it is random: seeds come with the
 * runs.
 *
 * @param name as on the command line
 * @param about one line for people
 * @param fleet the workers and what lies between them
 * @param load what arrives
 * @param slo what requests ask for
 * @param run how long, at which rates, how often
 */
public record Scenario(
        String name, String about, FleetSpec fleet, Load load, Objectives slo, Schedule run) {
    public Scenario {
        Limits.given("name", name);
        Limits.given("about", about);
        Limits.given("fleet", fleet);
        Limits.given("load", load);
        Limits.given("slo", slo);
        Limits.given("run", run);
    }

    /**
     * How it is run.
     *
     * @param rates multiples of the reference capacity, ascending
     * @param seconds of arrivals in each run, above 0 and at most 86,400; all that arrived is run
     *     to its end
     * @param warmUpSeconds of these, those whose requests are not scored
     * @param seeds how many by default, 1 to 1000
     * @param best how many policies go on after the first seed; 0 for all
     */
    public record Schedule(
            List<Double> rates, double seconds, double warmUpSeconds, int seeds, int best) {
        private static final double MOST_SECONDS = 86_400;
        private static final int MOST_SEEDS = 1_000;
        private static final int MOST_RATES = 100;

        public Schedule {
            rates = Limits.given("run.rates", rates).stream().distinct().sorted().toList();
            Limits.count("run.rates", rates.size(), 1, MOST_RATES);
            rates.forEach(rate -> Limits.number("run.rates", rate, 0.001, 1_000));
            Limits.number("run.seconds", seconds, 0.1, MOST_SECONDS);
            Limits.number("run.warmUpSeconds", warmUpSeconds, 0, MOST_SECONDS);
            Limits.count("run.seeds", seeds, 1, MOST_SEEDS);
            Limits.count("run.best", best, 0, MOST_SEEDS);
            if (warmUpSeconds >= seconds) {
                throw new ScenarioException(
                        "run.warmUpSeconds must be below run.seconds, were "
                                + warmUpSeconds
                                + " and "
                                + seconds);
            }
        }
    }
}
