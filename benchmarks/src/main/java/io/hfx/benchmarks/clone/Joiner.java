package io.hfx.benchmarks.clone;

import io.hfx.d2d.device.Device;
import io.hfx.d2d.device.DeviceMemory;
import io.hfx.d2d.image.HostImageMemory;
import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.image.TensorImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What all ways share on this side: the peer, and memory that is faulted in already. */
final class Joiner implements AutoCloseable {
    final Device host = Device.host();
    final Peer peer;
    final ImageManifest manifest;
    final long bytes;
    private final List<DeviceMemory> targets = new ArrayList<>();

    Joiner(Peer peer) throws IOException {
        this.peer = peer;
        manifest = peer.manifest();
        bytes = manifest.layout().blobBytes();
    }

    /** Room for an image, allocated when first asked for and used again from then on. */
    DeviceMemory target(int index) {
        while (targets.size() <= index) {
            targets.add(host.allocate(bytes));
        }
        return targets.get(index);
    }

    /** The same, spoilt in every chunk, so that what was there before does not pass for new. */
    DeviceMemory spoilt(int index) {
        DeviceMemory target = target(index);
        for (int i = 0; i < manifest.chunks().count(); i++) {
            ByteBuffer chunk = manifest.chunks().in(new HostImageMemory(target), i);
            chunk.put(0, (byte) ~chunk.get(0));
        }
        return target;
    }

    TensorImage imageIn(DeviceMemory memory) {
        return new TensorImage(manifest, new HostImageMemory(memory));
    }

    /** Reads all of it. */
    void verify(DeviceMemory memory) {
        imageIn(memory).verify("the copy");
    }

    @Override
    public void close() {
        targets.forEach(DeviceMemory::close);
        host.close();
    }
}
