package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.zip.CrcShift;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.zip.CRC32;

/** The CRC-32 of each tensor in a file, from parts that several threads write in any order. */
final class TensorChecksums {
    private final List<FileLayout.Placement> tensors;
    private final AtomicIntegerArray sums;

    /** For all of {@code tensors}, which are in file order. */
    TensorChecksums(List<FileLayout.Placement> tensors) {
        this.tensors = tensors;
        this.sums = new AtomicIntegerArray(tensors.size());
    }

    /** Adds the bytes at {@code offset} of the file, each once; leaves the buffer unchanged. Thread-safe. */
    void add(long offset, ByteBuffer bytes) {
        long end = offset + bytes.remaining();
        CRC32 sum = new CRC32();
        for (int k = firstEndingBehind(offset); k < tensors.size(); k++) {
            FileLayout.Placement tensor = tensors.get(k);
            long from = Math.max(offset, tensor.offset());
            long to = Math.min(end, tensor.end());
            if (tensor.offset() >= end) {
                break;
            }
            if (from < to) {
                sum.reset();
                sum.update(bytes.slice(bytes.position() + (int) (from - offset), (int) (to - from)));
                int part = CrcShift.over((int) sum.getValue(), tensor.end() - to);
                sums.accumulateAndGet(k, part, (a, b) -> a ^ b);
            }
        }
    }

    private int firstEndingBehind(long offset) {
        int low = 0;
        int high = tensors.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (tensors.get(middle).end() > offset) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** The checksums, once every byte has been added. */
    int[] values() {
        int[] values = new int[sums.length()];
        for (int k = 0; k < values.length; k++) {
            values[k] = sums.get(k);
        }
        return values;
    }
}
