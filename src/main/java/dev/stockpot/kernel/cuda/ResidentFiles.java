package dev.stockpot.kernel.cuda;

import dev.stockpot.kernel.SourceFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Files that a device keeps, whole or up to where its memory ends, in the order in which they are first requested. A block
 * is brought in once, when one of its elements is first needed, by the thread that needs it. Small files share what the driver
 * hands out at a time, and each file's values begin where the device moves them fastest.
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
    private final PinnedPool pinned;
    private final Map<Object, Resident> files = new HashMap<>();
    private final List<Long> allocations = new ArrayList<>();
    /** Bytes that may still be allocated, in whole granules. */
    private long left;
    /** What is free of the allocation that has most left. */
    private long free;

    private long freeBytes;

    /** May take {@code bytes} bytes of the device. */
    ResidentFiles(CudaDevice device, CudaLanes lanes, PinnedPool pinned, long bytes) {
        this.device = device;
        this.lanes = lanes;
        this.pinned = pinned;
        this.left = bytes / CudaDriver.GRANULE * CudaDriver.GRANULE;
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
            known = allocate(file);
            files.put(file.version(), known);
        }
        return known;
    }

    private Resident allocate(SourceFile file) {
        long before = Math.floorMod(-file.valuesFrom(), CudaSlot.ALIGNMENT);
        long size = file.size();
        if (before + size > freeBytes) {
            long granules = (before + size + CudaDriver.GRANULE - 1) / CudaDriver.GRANULE;
            long bytes = Math.min(granules * CudaDriver.GRANULE, left);
            if (bytes > freeBytes) {
                return allocate(before, size, bytes);
            }
        }
        Resident placed = place(free, before, size, freeBytes);
        long taken = taken(before, placed);
        free += taken;
        freeBytes -= taken;
        return placed;
    }

    /** Places a file in an allocation of its own, and what is left of that, if it is most, is for others. */
    private Resident allocate(long before, long size, long bytes) {
        device.enter();
        try {
            long address = CudaDriver.tryAllocate(bytes);
            if (address == 0) {
                left = 0; // others took the free memory: no more is kept
                return new Resident(0, 0);
            }
            allocations.add(address);
            left -= bytes;
            Resident placed = place(address, before, size, bytes);
            long taken = taken(before, placed);
            if (bytes - taken > freeBytes) {
                free = address + taken;
                freeBytes = bytes - taken;
            }
            return placed;
        } finally {
            device.leave();
        }
    }

    /** As much of the file as {@code room} bytes hold: if not all, whole blocks. */
    private static Resident place(long address, long before, long size, long room) {
        long fits = before + size <= room ? size : Math.max(0, room - before) / BLOCK * BLOCK;
        return new Resident(fits == 0 ? 0 : address + before, fits);
    }

    private static long taken(long before, Resident placed) {
        long bytes = placed.size == 0 ? 0 : before + placed.size;
        return (bytes + CudaSlot.ALIGNMENT - 1) / CudaSlot.ALIGNMENT * CudaSlot.ALIGNMENT;
    }

    /** Reads the block before it takes a lane, which others need while the disk is waited for. */
    private void load(SourceFile file, Resident resident, int block) {
        synchronized (resident.locks[block]) {
            if (!resident.loaded[block]) {
                long from = block * BLOCK;
                long bytes = Math.min(BLOCK, resident.size - from);
                try (PinnedMemory read = pinned.take(bytes)) {
                    file.read(from, read.slice(0, Math.toIntExact(bytes)));
                    long to = resident.deviceAddress + from;
                    lanes.with(lane -> lane.run(
                            bytes, bytes, (slot, first, count) -> slot.upload(read, first, count, to + first)));
                }
                resident.loaded[block] = true;
            }
        }
    }

    /** Frees all; the context must be current. */
    @Override
    public synchronized void close() {
        allocations.forEach(CudaDriver::free);
        allocations.clear();
        files.clear();
    }
}
