package io.hfx.plugin.openai;

import io.hfx.plugin.http.ApiError;
import io.hfx.plugin.metrics.Meters;
import io.hfx.plugin.metrics.Scrape;
import io.hfx.plugin.metrics.ServerMetrics;
import io.hfx.plugin.metrics.WeightMeters;
import io.hfx.plugin.service.ModelDirectory;
import io.hfx.plugin.service.ModelService;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.service.ServedModel;
import io.hfx.plugin.weights.WeightStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The directory's models with the metrics of each, which are made when a model is first asked for
 * and closed once it is gone. Thread-safe.
 */
final class ServedModels {
    private final ModelDirectory directory;
    private final Admissions admissions;
    private final Meters meters;
    private final Entry front;
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();

    /**
     * @param meters of the server; they outlive this
     * @param frontLabel under which requests count whose model is not known
     */
    ServedModels(
            ModelDirectory directory, Admissions admissions, Meters meters, String frontLabel) {
        this.meters = meters;
        this.directory = directory;
        this.admissions = admissions;
        this.front = new Entry(frontLabel, null);
        entries.put(frontLabel, front);
    }

    /** What requests count for before their model is known. */
    Entry front() {
        return front;
    }

    /**
     * The model of that name, to generate; a refusal is counted.
     *
     * @throws io.hfx.plugin.http.ApiException 404 where there is none, 429 or 503 where it serves
     *     nothing now
     */
    Served toGenerate(String name) {
        return toGenerate(name, service(name));
    }

    /**
     * The same of a service that need not be the one that the directory finds: another version of
     * that name, which counts for the same.
     */
    Served toGenerate(String name, ModelService service) {
        ModelService found = directory.find(name);
        Entry entry = entry(name, found == null ? service : found);
        Refusal unavailable = service.unavailable();
        if (unavailable != null) {
            entry.metrics.refusedBeforeScheduling(unavailable.reason());
            throw OpenAiApi.refused(unavailable).asException();
        }
        return new Served(service, service.model(), entry);
    }

    /** The same, for those who ask about a model and not for its work: nothing is counted. */
    ServedModel model(String name) {
        ModelService service = service(name);
        Refusal unavailable = service.unavailable();
        if (unavailable != null) {
            throw OpenAiApi.refused(unavailable).asException();
        }
        return service.model();
    }

    private ModelService service(String name) {
        ModelService service = directory.find(name);
        if (service == null) {
            String shown = name.length() <= 128 ? name : name.substring(0, 128) + "...";
            throw ApiError.invalid(
                            404,
                            "model",
                            "model_not_found",
                            "The model " + shown + " does not exist")
                    .asException();
        }
        return service;
    }

    /** Those of a model that came anew under its name start anew. */
    private Entry entry(String name, ModelService service) {
        Entry entry = entries.get(name);
        if (entry != null && entry.shows(service)) {
            return entry;
        }
        synchronized (this) {
            forgetGone();
            entry = entries.get(name);
            if (entry != null && !entry.shows(service)) {
                entry.close();
                entry = null;
            }
            if (entry == null) {
                entry = new Entry(name, service);
                entries.put(name, entry);
            }
            return entry;
        }
    }

    /** Makes the metrics of models that nobody has asked for yet. */
    void showAll() {
        for (String name : directory.names()) {
            ModelService service = directory.find(name);
            if (service != null) {
                entry(name, service);
            }
        }
        synchronized (this) {
            forgetGone();
        }
    }

    private void forgetGone() {
        Set<String> names = Set.copyOf(directory.names());
        entries.values()
                .removeIf(
                        entry -> {
                            boolean gone = entry != front && !names.contains(entry.name);
                            if (gone) {
                                entry.close();
                            }
                            return gone;
                        });
    }

    /** The models that can be asked now, in the directory's order. */
    List<ServedModel> all() {
        List<ServedModel> models = new ArrayList<>();
        for (String name : directory.names()) {
            ModelService service = directory.find(name);
            if (service != null && service.unavailable() == null) {
                models.add(service.model());
            }
        }
        return models;
    }

    /** The metrics of a model, or null where none was asked for under that name. */
    @Nullable ServerMetrics metrics(String name) {
        Entry entry = entries.get(name);
        return entry == null ? null : entry.metrics;
    }

    /**
     * One model that can be asked.
     *
     * @param model as it was when it was found
     */
    record Served(ModelService service, ServedModel model, Entry entry) {
        ServerMetrics metrics() {
            return entry.metrics;
        }
    }

    /** What is counted under one name. */
    final class Entry {
        private final String name;
        private final AtomicInteger open = new AtomicInteger();
        private final ServerMetrics metrics;
        private final @Nullable ModelService service;
        private final @Nullable Scrape scrape;

        /**
         * @param service that is shown, or null where somebody else does that
         */
        Entry(String name, @Nullable ModelService service) {
            this.name = name;
            this.service = service;
            this.metrics = new ServerMetrics(meters, name, this::inFlight);
            this.scrape = service == null ? null : new Scrape(metrics, service);
            WeightStatus weights = service == null ? null : directory.weights(name);
            if (weights != null) {
                WeightMeters.show(metrics, weights);
            }
        }

        boolean shows(ModelService other) {
            return service == null || service == other;
        }

        void close() {
            if (scrape != null) {
                scrape.close();
            }
            metrics.close();
        }

        ServerMetrics metrics() {
            return metrics;
        }

        /** A request is for this model; {@link #ended} must follow, once. */
        void begun() {
            open.incrementAndGet();
        }

        void ended() {
            open.decrementAndGet();
        }

        /** All models' together are what was admitted. */
        private int inFlight() {
            if (this != front) {
                return open.get();
            }
            int others = 0;
            for (Entry each : entries.values()) {
                others += each == front ? 0 : each.open.get();
            }
            return Math.max(0, admissions.inFlight() - others);
        }
    }
}
