package io.hfx.d2d.device;

/**
 * What the native library holds in this process, for tests and for a look at a running server. All
 * but the last are 0 when everything is closed, copies have ended and peers have let go; without
 * the library all are 0.
 *
 * @param handles objects that Java refers to
 * @param memories own and attached blocks
 * @param leases peers attached to what this process offers
 * @param descriptors open files and sockets of the library
 * @param streams streams of drivers
 * @param failedReleases how often a driver refused to take something back
 */
public record DeviceCounts(
        long handles,
        long memories,
        long memoryBytes,
        long copies,
        long offers,
        long leases,
        long descriptors,
        long streams,
        long failedReleases) {

    public static DeviceCounts now() {
        long[] n = NativeLibrary.loaded() ? Native.counts() : new long[9];
        return new DeviceCounts(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8]);
    }
}
