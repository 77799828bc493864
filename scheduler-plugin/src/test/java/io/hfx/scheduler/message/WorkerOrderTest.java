package io.hfx.scheduler.message;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.slo.SloClass;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerOrderTest {
    private static final RequestSpec REQUEST =
            new RequestSpec(7, SloClass.BEST_EFFORT, 3, List.of(5), 3, 9);

    @Test
    void allAgesOfAnOrderThatLayUnreadGrow() {
        Paused paused = new Paused(7, List.of(4, Progress.ENDED, 0), List.of(30L, 0L, 10L));
        WorkerOrder.Import wanted =
                new WorkerOrder.Import(1, REQUEST, 100, false, paused, new WorkerId("w"));
        WorkerOrder.Import later = wanted.aged(5);
        assertEquals(105, later.ageNanos());
        assertEquals(List.of(35L, 0L, 15L), later.state().sinceFirstTokenNanos());
        assertEquals(
                105, new WorkerOrder.Bind(2, REQUEST, 100, true, List.of()).aged(5).ageNanos());
        WorkerOrder recall = new WorkerOrder.Recall(3, 7);
        assertEquals(recall, recall.aged(5), "it says of no age");
    }
}
