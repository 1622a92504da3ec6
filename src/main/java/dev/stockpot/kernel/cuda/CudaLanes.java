package dev.stockpot.kernel.cuda;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** The lanes of a device: made when first needed, as many as its share of memory holds, handed from thread to thread. */
final class CudaLanes implements AutoCloseable {
    private static final int MOST = 4;
    /** A lane's slots are allocated together, in whole granules. */
    private static final long SMALLEST_SLOT = CudaDriver.GRANULE / CudaLane.SLOTS;

    private static final long LARGEST_SLOT = 4 << 20;

    /** The least device memory that is enough. */
    static final long SMALLEST = CudaDriver.GRANULE;

    private final CudaDevice device;
    private final long slotBytes;
    private final int most;
    private final Deque<CudaLane> idle = new ArrayDeque<>();
    private int made;

    /** Takes at most half of {@code memory} bytes, but at least what one lane needs. */
    CudaLanes(CudaDevice device, long memory) {
        this.device = device;
        long share = memory / 2;
        slotBytes = Math.max(SMALLEST_SLOT, Math.min(LARGEST_SLOT, share / (CudaLane.SLOTS * MOST)))
                / SMALLEST_SLOT
                * SMALLEST_SLOT;
        most = (int) Math.max(1, Math.min(MOST, share / (CudaLane.SLOTS * slotBytes)));
    }

    /** Bytes of one slot. */
    long slotBytes() {
        return slotBytes;
    }

    /** Bytes of the device that all lanes take. */
    long bytes() {
        return CudaLane.SLOTS * slotBytes * most;
    }

    /** Lends a lane to {@code work}, with the context current; waits for one if all are lent. */
    void with(Consumer<CudaLane> work) {
        device.enter();
        try {
            CudaLane lane = take();
            try {
                work.accept(lane);
            } finally {
                giveBack(lane);
            }
        } finally {
            device.leave();
        }
    }

    private synchronized CudaLane take() {
        boolean interrupted = false;
        while (idle.isEmpty() && made == most) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true; // a lane is free soon; the interruption is seen then
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (!idle.isEmpty()) {
            return idle.pop();
        }
        CudaLane lane = new CudaLane(device, slotBytes);
        made++;
        return lane;
    }

    private synchronized void giveBack(CudaLane lane) {
        idle.push(lane);
        notifyAll();
    }

    /** Closes all; the context must be current. */
    @Override
    public synchronized void close() {
        idle.forEach(CudaLane::close);
        idle.clear();
    }
}
