package io.hfx.simulator.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.request.WorkerId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker reads its orders between slices; how old a request is does not hang on that. */
class OrderAgeTest {
    private static final KvBudget KV = new KvBudget.Blocks(400, 16, 2_048);

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void aWorkerKnowsWhenARequestCameHoweverLongTheOrderLay(long seed) {
        List<SimRequest> requests = Scenarios.wild(150, 10, seed);
        Map<Long, Long> arrivals = new HashMap<>();
        requests.forEach(r -> arrivals.put(r.spec().id(), r.arrivalNanos()));
        Heard heard = new Heard(arrivals);
        new SimFleet(Scenarios.settings("hfx", 2, KV, seed), heard).run(requests);
        assertTrue(heard.binds >= 100, "orders of seed " + seed);
    }

    private static final class Heard implements SimFleet.Log {
        private final Map<Long, Long> arrivals;
        private int binds;

        Heard(Map<Long, Long> arrivals) {
            this.arrivals = arrivals;
        }

        @Override
        public void worker(WorkerId worker, WorkerEvent event, List<WorkerCommand> commands) {
            if (event instanceof WorkerEvent.Ordered ordered) {
                for (WorkerOrder order : ordered.orders()) {
                    if (order instanceof WorkerOrder.Bind bind) {
                        binds++;
                        long onTheWayNanos = Scenarios.NETWORK.messageDelayNanos();
                        assertEquals(
                                arrivals.get(bind.requestId()) + onTheWayNanos,
                                event.atNanos() - bind.ageNanos());
                    }
                }
            }
        }
    }
}
