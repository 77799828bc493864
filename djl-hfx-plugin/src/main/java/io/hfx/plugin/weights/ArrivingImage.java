package io.hfx.plugin.weights;

import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.image.TensorImage;
import io.hfx.d2d.transfer.ImageClone;
import io.hfx.d2d.transfer.PartialImage;
import io.hfx.d2d.transfer.TransferLimits;
import io.hfx.d2d.transfer.Wanted;
import io.hfx.plugin.weights.WeightStatus.Phase;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * An image that a clone fills on a thread of its own. What has come stays in the partial image when
 * this is closed early.
 */
final class ArrivingImage implements IncomingImage {
    private final PartialImage part;
    private final SeedClient.Seed seed;
    private final ImageClone clone;
    private final WeightStatus status;
    private final CompletableFuture<TensorImage> whole = new CompletableFuture<>();
    private final Thread puller = new Thread(this::pull, "hfx-clone");

    /**
     * Begins to fill it.
     *
     * @param part that has memory for the seed's image
     * @param clone into that part
     */
    ArrivingImage(PartialImage part, SeedClient.Seed seed, ImageClone clone, WeightStatus status) {
        this.part = part;
        this.seed = seed;
        this.clone = clone;
        this.status = status;
        puller.setDaemon(true);
        puller.start();
    }

    private void pull() {
        long startNanos = System.nanoTime();
        try {
            Wanted same = new Wanted(manifest().key(), manifest().hash());
            TensorImage image = clone.run(List.of(seed.address()), same);
            status.add(Phase.WEIGHTS, System.nanoTime() - startNanos);
            whole.complete(image);
        } catch (Throwable e) { // whoever waits for it has to hear of it
            status.add(Phase.WEIGHTS, System.nanoTime() - startNanos);
            whole.completeExceptionally(e);
        }
    }

    @Override
    public ImageManifest manifest() {
        return seed.manifest();
    }

    @Override
    public ByteBuffer tensor(String name) {
        return part.tensor(name);
    }

    @Override
    public void await(String name) {
        status.await(name, () -> part.awaitTensor(name, TransferLimits.DEFAULT.whole()));
    }

    @Override
    public TensorImage whole() {
        status.await("the rest", this::join);
        return whole.join();
    }

    private void join() {
        try {
            whole.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WeightsException("interrupted");
        } catch (ExecutionException e) {
            throw new WeightsException("the rest did not come: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        clone.close();
        boolean interrupted = false;
        while (puller.isAlive()) {
            try {
                puller.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (!whole.isCompletedExceptionally()) {
            whole.join().close();
        }
    }
}
