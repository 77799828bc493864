package io.hfx.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;

/** CPU time of the calling thread, native code included: valid on a machine shared with others. */
final class CpuTimer {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private CpuTimer() {}

    /** Work that may fail. */
    interface Task {
        void run() throws Exception;
    }

    /** Median CPU time in nanoseconds of {@code repeats} runs after a fifth as many to warm up. */
    static long medianNanos(int repeats, Task task) throws Exception {
        for (int i = 0; i < Math.max(1, repeats / 5); i++) {
            task.run();
        }
        long[] nanos = new long[repeats];
        for (int i = 0; i < repeats; i++) {
            long before = THREADS.getCurrentThreadCpuTime();
            task.run();
            nanos[i] = THREADS.getCurrentThreadCpuTime() - before;
        }
        Arrays.sort(nanos);
        return nanos[repeats / 2];
    }
}
