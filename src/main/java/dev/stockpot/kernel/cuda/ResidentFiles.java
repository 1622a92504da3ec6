package dev.stockpot.kernel.cuda;

import dev.stockpot.kernel.SourceFile;
import java.util.HashMap;
import java.util.Map;

/**
 * Files that a device keeps, whole or up to where its memory ends, in the order in which they are first requested. A block
 * is brought in once, when one of its elements is first needed, by the thread that needs it.
 */
final class ResidentFiles implements AutoCloseable {
    private static final long BLOCK = 4L << 20;

    /** One file on the device; bytes [0, size) of it. */
    private static final class Resident {
        final long deviceAddress;
        final long size;
        final boolean[] loaded;
        final Object[] locks;

        Resident(long deviceAddress, long size) {
            this.deviceAddress = deviceAddress;
            this.size = size;
            int blocks = Math.toIntExact((size + BLOCK - 1) / BLOCK);
            loaded = new boolean[blocks];
            locks = new Object[blocks];
            for (int b = 0; b < blocks; b++) {
                locks[b] = new Object();
            }
        }
    }

    private final CudaDevice device;
    private final CudaLanes lanes;
    private final Map<Object, Resident> files = new HashMap<>();
    private long left;

    /** May take {@code bytes} bytes of the device. */
    ResidentFiles(CudaDevice device, CudaLanes lanes, long bytes) {
        this.device = device;
        this.lanes = lanes;
        this.left = bytes;
    }

    /** The file on the device, with the span brought in; null if the device keeps too little of the file. */
    ResidentMemory get(SourceFile file, long offset, long length) {
        Resident resident = resident(file);
        if (offset + length > resident.size) {
            return null;
        }
        for (long block = offset / BLOCK; block * BLOCK < offset + length; block++) {
            load(file, resident, (int) block);
        }
        return new ResidentMemory(file, resident.deviceAddress, resident.size);
    }

    private synchronized Resident resident(SourceFile file) {
        Resident known = files.get(file.version());
        if (known == null) {
            known = allocate(file.size());
            files.put(file.version(), known);
        }
        return known;
    }

    private Resident allocate(long size) {
        // If the file does not fit, keeps whole blocks.
        long fits = size <= left ? size : left / BLOCK * BLOCK;
        if (fits == 0) {
            return new Resident(0, 0);
        }
        device.enter();
        try {
            long address = CudaDriver.tryAllocate(fits);
            if (address == 0) {
                left = 0; // others took the free memory: no more is kept
                return new Resident(0, 0);
            }
            left -= fits;
            return new Resident(address, fits);
        } finally {
            device.leave();
        }
    }

    private void load(SourceFile file, Resident resident, int block) {
        synchronized (resident.locks[block]) {
            if (!resident.loaded[block]) {
                long from = block * BLOCK;
                long bytes = Math.min(BLOCK, resident.size - from);
                lanes.with(lane -> lane.run(
                        bytes,
                        lanes.slotBytes() / 2,
                        (slot, first, count) -> slot.load(
                                file, from + first, Math.toIntExact(count), resident.deviceAddress + from + first)));
                resident.loaded[block] = true;
            }
        }
    }

    /** Frees all; the context must be current. */
    @Override
    public synchronized void close() {
        for (Resident resident : files.values()) {
            if (resident.size > 0) {
                CudaDriver.free(resident.deviceAddress);
            }
        }
        files.clear();
    }
}
