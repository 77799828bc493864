package io.hfx.scheduler.dispatch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Orders to one worker that it has not acknowledged: what its reports cannot show yet. They are
 * numbered as they are given, so the acknowledged ones come first.
 */
final class Unheard {
    /** Those whose binding it has not acknowledged, in the order of the orders. */
    private final Deque<Tracked> binds = new ArrayDeque<>();

    /** Those that it is to take over from another worker. */
    private final Map<Tracked, Import> imports = new LinkedHashMap<>();

    private long promptTokens;
    private long importedKvUnits;

    /**
     * A request on its way here from another worker.
     *
     * @param orderNumber of the order to take it over
     * @param kvUnits that it needs in full
     */
    private record Import(long orderNumber, long kvUnits) {}

    void bind(Tracked request, long orderNumber) {
        request.unacknowledgedBind = orderNumber;
        binds.add(request);
        promptTokens += request.request().prefillTokens();
    }

    void takeOver(Tracked request, long orderNumber, long kvUnits) {
        imports.put(request, new Import(orderNumber, kvUnits));
        importedKvUnits += kvUnits;
    }

    /** The worker has nothing to do with it any more. */
    void remove(Tracked request) {
        if (request.unacknowledgedBind != 0 && binds.remove(request)) {
            heard(request);
        }
        Import order = imports.isEmpty() ? null : imports.remove(request);
        if (order != null) {
            importedKvUnits -= order.kvUnits();
        }
    }

    /** The worker has carried out all orders up to this one. */
    void acknowledge(long orderNumber) {
        Tracked first = binds.peek();
        while (first != null && first.unacknowledgedBind <= orderNumber) {
            heard(binds.remove());
            first = binds.peek();
        }
        if (imports.isEmpty()) {
            return;
        }
        Iterator<Import> orders = imports.values().iterator();
        while (orders.hasNext()) {
            Import order = orders.next();
            if (order.orderNumber() <= orderNumber) {
                importedKvUnits -= order.kvUnits();
                orders.remove();
            }
        }
    }

    private void heard(Tracked request) {
        request.unacknowledgedBind = 0;
        promptTokens -= request.request().prefillTokens();
    }

    /** Prompt tokens of those bound. */
    long promptTokens() {
        return promptTokens;
    }

    /** KV units that those to be taken over need. */
    long importedKvUnits() {
        return importedKvUnits;
    }
}
