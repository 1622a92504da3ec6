package dev.stockpot.kernel.cuda;

import java.util.ArrayList;
import java.util.List;

/** What one thread uses on the device at a time: two slots in turn, so that one is filled while the other computes. */
final class CudaLane implements AutoCloseable {
    /** Queues one piece in an empty slot. */
    @FunctionalInterface
    interface Piece {
        void queue(CudaSlot slot, long first, long elements);
    }

    static final int SLOTS = 2;

    private final List<CudaSlot> slots = new ArrayList<>();
    private final long memory;

    CudaLane(CudaDevice device, long slotBytes) {
        memory = CudaDriver.allocate(SLOTS * slotBytes);
        try {
            for (int n = 0; n < SLOTS; n++) {
                slots.add(new CudaSlot(device, memory + n * slotBytes, slotBytes));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Goes through {@code elements} elements, {@code step} at a time; leaves no work in progress, even if it throws. */
    void run(long elements, long step, Piece piece) {
        try {
            int turn = 0;
            for (long first = 0; first < elements; first += step) {
                CudaSlot slot = slots.get(turn++ % SLOTS);
                slot.finish();
                piece.queue(slot, first, Math.min(step, elements - first));
            }
            // The older one first: results are handed over in order.
            slots.get(turn % SLOTS).finish();
            slots.get((turn + 1) % SLOTS).finish();
        } catch (RuntimeException | Error e) {
            slots.forEach(CudaSlot::abandon);
            throw e;
        }
    }

    @Override
    public void close() {
        slots.forEach(CudaSlot::close);
        CudaDriver.free(memory);
    }
}
