package dev.stockpot.generate;

import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The values of a file's tensors: weights around 0, the scales of norms around 1, positions counted from 0. */
final class ModelValues {
    private final List<FileLayout.Placement> tensors;
    private final Map<DType, NormalValues> weights = new EnumMap<>(DType.class);
    private final Map<DType, NormalValues> scales = new EnumMap<>(DType.class);

    ModelValues(List<FileLayout.Placement> tensors, long seed) {
        this.tensors = tensors;
        for (FileLayout.Placement tensor : tensors) {
            if (tensor.dtype().isFloat()) {
                weights.computeIfAbsent(tensor.dtype(), d -> new NormalValues(d, 0, seed));
                scales.computeIfAbsent(tensor.dtype(), d -> new NormalValues(d, 1, seed));
            }
        }
    }

    /** Fills {@code out} with the bytes of the file from {@code offset} on, which is past its header. */
    void fill(long offset, ByteBuffer out) {
        int index = first(offset);
        for (long at = offset; out.hasRemaining(); index++) {
            FileLayout.Placement tensor = tensors.get(index);
            int count = (int) Math.min(out.remaining(), tensor.end() - at);
            put(index, at - tensor.offset(), count, out);
            at += count;
        }
    }

    /** The last tensor that begins at or before {@code offset}. */
    private int first(long offset) {
        int low = 0;
        int high = tensors.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (tensors.get(middle).offset() <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private void put(int index, long from, int count, ByteBuffer out) {
        FileLayout.Placement tensor = tensors.get(index);
        if (!tensor.dtype().isFloat()) {
            for (long at = from; at < from + count; at++) {
                out.put((byte) (at / Long.BYTES >>> 8 * (at % Long.BYTES)));
            }
            return;
        }
        boolean scale = tensor.shape().size() == 1 && tensor.name().endsWith(".weight");
        (scale ? scales : weights).get(tensor.dtype()).put(index, from, count, out);
    }
}
