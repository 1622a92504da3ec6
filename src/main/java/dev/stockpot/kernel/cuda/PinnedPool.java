package dev.stockpot.kernel.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Pinned memory for the buffers of runs, kept from one run to the next: pinning takes longer than a short run. Idle memory is
 * freed if a new buffer would take the total above what a run's buffers may take.
 */
final class PinnedPool implements AutoCloseable {
    private static final long GRAIN = 64 << 10;

    /** Somewhat more than the engine lets the buffers of a run take. */
    private static final long LIMIT = 160L << 20;

    private final CudaDevice device;
    private final List<PinnedMemory> idle = new ArrayList<>();
    private final List<PinnedMemory> used = new ArrayList<>();

    PinnedPool(CudaDevice device) {
        this.device = device;
    }

    synchronized PinnedMemory take(long bytes) {
        for (PinnedMemory memory : idle) {
            if (memory.capacity() >= bytes && memory.capacity() / 2 <= Math.max(bytes, GRAIN)) {
                idle.remove(memory);
                return use(memory.again(bytes));
            }
        }
        long capacity = (Math.max(bytes, 1) + GRAIN - 1) / GRAIN * GRAIN;
        long held = Stream.concat(idle.stream(), used.stream())
                .mapToLong(PinnedMemory::capacity)
                .sum();
        device.enter();
        try {
            if (held + capacity > LIMIT) {
                freeIdle();
            }
            return use(new PinnedMemory(CudaDriver.allocatePinned(capacity), capacity, bytes, this::giveBack));
        } finally {
            device.leave();
        }
    }

    private PinnedMemory use(PinnedMemory memory) {
        used.add(memory);
        return memory;
    }

    private synchronized void giveBack(PinnedMemory memory) {
        if (used.remove(memory)) {
            idle.add(memory);
        }
    }

    private void freeIdle() {
        idle.forEach(memory -> CudaDriver.freePinned(memory.start()));
        idle.clear();
    }

    /** Frees all; the context must be current. */
    @Override
    public synchronized void close() {
        freeIdle();
        used.forEach(memory -> CudaDriver.freePinned(memory.start()));
        used.clear();
    }
}
