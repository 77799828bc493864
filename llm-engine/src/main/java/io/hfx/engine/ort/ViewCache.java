package io.hfx.engine.ort;

import ai.onnxruntime.OnnxTensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Tensors over parts of long-lived buffers, kept because making one costs more than finding it. The
 * least recently used is closed when the cache is full, so a view must be used before {@code
 * capacity} others are asked for.
 */
final class ViewCache implements AutoCloseable {
    /** Which rows of which buffer; the buffer goes by a number of the owner's choice. */
    record Key(int buffer, int from, int rows, int tokens) {}

    private final Map<Key, OnnxTensor> views;

    ViewCache(int capacity) {
        views =
                new LinkedHashMap<>(64, 0.75f, true) {
                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Key, OnnxTensor> eldest) {
                        boolean full = size() > capacity;
                        if (full) {
                            eldest.getValue().close();
                        }
                        return full;
                    }
                };
    }

    OnnxTensor get(Key key, Supplier<OnnxTensor> make) {
        OnnxTensor view = views.get(key);
        if (view == null) {
            view = make.get();
            views.put(key, view);
        }
        return view;
    }

    int size() {
        return views.size();
    }

    @Override
    public void close() {
        views.values().forEach(OnnxTensor::close);
        views.clear();
    }
}
