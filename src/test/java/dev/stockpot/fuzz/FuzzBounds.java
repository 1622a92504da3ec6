package dev.stockpot.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/** Holds each input of a target to a time and an amount of allocated memory, which grow with its length alone. */
final class FuzzBounds {
    private static final long NANOS = 1_000_000_000L;
    private static final long NANOS_PER_BYTE = 500;
    private static final long ALLOCATED = 48L << 20;
    private static final long ALLOCATED_PER_BYTE = 1_000;

    /** A class is loaded, instrumented and compiled in its first input's time. */
    private static final int ATTEMPTS = 3;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final FuzzTarget target;
    private final long nanosForAny;
    private long inputs;
    private long slowestNanos;
    private long mostAllocated;

    FuzzBounds(FuzzTarget target) {
        this(target, NANOS);
    }

    /** With another time for any input, however short. */
    FuzzBounds(FuzzTarget target, long nanosForAny) {
        this.target = target;
        this.nanosForAny = nanosForAny;
    }

    /** Runs the target on one input; whatever is thrown is a finding. */
    void run(byte[] input) throws Exception {
        inputs++;
        long bytes = target.bytes(input);
        for (int attempt = 1; ; attempt++) {
            long allocated = THREADS.getCurrentThreadAllocatedBytes();
            long nanos = THREADS.getCurrentThreadCpuTime();
            target.run(input);
            nanos = THREADS.getCurrentThreadCpuTime() - nanos;
            allocated = THREADS.getCurrentThreadAllocatedBytes() - allocated;
            boolean slow = nanos > nanosForAny + NANOS_PER_BYTE * bytes;
            boolean large = allocated > ALLOCATED + ALLOCATED_PER_BYTE * bytes;
            if (!slow && !large) {
                slowestNanos = Math.max(slowestNanos, nanos);
                mostAllocated = Math.max(mostAllocated, allocated);
                return;
            }
            if (attempt == ATTEMPTS) {
                throw new AssertionError(String.format(
                        Locale.ROOT,
                        "an input of %d bytes took %d ms of processor time and %d KiB of heap",
                        bytes,
                        nanos / 1_000_000,
                        allocated >> 10));
            }
        }
    }

    /** What it took so far, for people and for tools/fuzz: inputs, the slowest one's time, the most that one allocated. */
    String report() {
        return String.format(
                Locale.ROOT,
                "%d inputs, slowest %d ms, largest %d KiB",
                inputs,
                slowestNanos / 1_000_000,
                mostAllocated >> 10);
    }
}
