package io.hfx.plugin.live;

import io.hfx.plugin.service.GenerationListener;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.service.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Remembers all that a listener hears. */
final class Listening implements GenerationListener {
    final TreeMap<Integer, List<Token>> tokens = new TreeMap<>();
    final TreeMap<Integer, FinishReason> finished = new TreeMap<>();
    final CountDownLatch first = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);
    private final int sequences;
    Refusal refusal;
    String failure;

    Listening(int sequences) {
        this.sequences = sequences;
    }

    Listening await() throws InterruptedException {
        if (!end.await(20, TimeUnit.SECONDS)) {
            throw new AssertionError("no end after 20 s: " + tokens + finished);
        }
        return this;
    }

    @Override
    public synchronized void token(int sequence, Token token) {
        checkOpen();
        if (finished.containsKey(sequence)) {
            throw new AssertionError("token after the end of sequence " + sequence);
        }
        tokens.computeIfAbsent(sequence, s -> new ArrayList<>()).add(token);
        first.countDown();
    }

    @Override
    public synchronized void finished(int sequence, FinishReason reason) {
        checkOpen();
        if (finished.put(sequence, reason) != null) {
            throw new AssertionError("sequence " + sequence + " ends twice");
        }
        if (finished.size() == sequences) {
            end.countDown();
        }
    }

    @Override
    public synchronized void refused(Refusal why) {
        checkOpen();
        refusal = why;
        end.countDown();
    }

    @Override
    public synchronized void failed(String message) {
        checkOpen();
        failure = message;
        end.countDown();
    }

    private void checkOpen() {
        if (end.getCount() == 0) {
            throw new AssertionError("called after the end");
        }
    }
}
