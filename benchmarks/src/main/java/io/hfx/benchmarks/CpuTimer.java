package io.hfx.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.Callable;

/** CPU time of the calling thread, native code included: valid on a machine shared with others. */
final class CpuTimer {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private CpuTimer() {}

    /** Work that may fail. */
    interface Task {
        void run() throws Exception;
    }

    /** Median CPU time in nanoseconds of {@code repeats} runs after a fifth as many to warm up. */
    static long medianNanos(int repeats, Task task) throws Exception {
        return medianNanosPrepared(repeats, () -> task);
    }

    /** Heap that the calling thread has allocated so far. */
    static long allocatedBytes() {
        return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    /** Least CPU time in nanoseconds of {@code repeats} runs. */
    static long bestNanos(int repeats, Task task) throws Exception {
        return sortedNanos(repeats, () -> task)[0];
    }

    /** As {@link #medianNanos}; making the task is not measured. */
    static long medianNanosPrepared(int repeats, Callable<Task> preparation) throws Exception {
        return sortedNanos(repeats, preparation)[repeats / 2];
    }

    private static long[] sortedNanos(int repeats, Callable<Task> preparation) throws Exception {
        for (int i = 0; i < Math.max(1, repeats / 5); i++) {
            preparation.call().run();
        }
        long[] nanos = new long[repeats];
        for (int i = 0; i < repeats; i++) {
            Task task = preparation.call();
            long before = THREADS.getCurrentThreadCpuTime();
            task.run();
            nanos[i] = THREADS.getCurrentThreadCpuTime() - before;
        }
        Arrays.sort(nanos);
        return nanos;
    }
}
