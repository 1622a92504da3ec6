package dev.stockpot.engine;

import dev.stockpot.checkpoint.DType;
import dev.stockpot.checkpoint.TensorInfo;
import java.nio.file.Path;
import java.util.List;

/**
 * Elements that lie one after the other in the output and in every source: a tensor, or several neighbours. Where
 * checkpoints share one layout, as fine-tunes of one model do, a whole file of one dtype is a single run, so that 50,000
 * small tensors cost what one large one does.
 */
record Run(int output, long offset, DType dtype, long elements, List<Span> sources, MixTensor.How how) {
    /** Where a source's elements begin. */
    record Span(Path file, long offset, DType dtype) {
        Span plus(long elements) {
            return new Span(file, offset + dtype.bytes(elements), dtype);
        }

        /** Whether {@code next} begins where {@code elements} of this end. */
        boolean continuesWith(Span next, long elements) {
            return dtype == next.dtype && offset + dtype.bytes(elements) == next.offset && file.equals(next.file);
        }
    }

    static Run of(MixPlan.Placed placed) {
        MixTensor tensor = placed.tensor();
        List<Span> spans = tensor.sources().stream().map(Run::span).toList();
        if (tensor.how() instanceof MixTensor.Copy) {
            // Copied byte for byte: counted in bytes, so that sub-byte types are no special case.
            Span bytes = new Span(spans.get(0).file(), spans.get(0).offset(), DType.U8);
            long length = tensor.sources().get(0).bytes();
            return new Run(placed.output(), placed.offset(), DType.U8, length, List.of(bytes), tensor.how());
        }
        return new Run(placed.output(), placed.offset(), tensor.dtype(), tensor.elements(), spans, tensor.how());
    }

    private static Span span(TensorInfo tensor) {
        return new Span(tensor.file(), tensor.offset(), tensor.dtype());
    }

    /** The offset behind its last byte in the output. */
    long end() {
        return offset + dtype.bytes(elements);
    }

    boolean continuesWith(Run next) {
        if (output != next.output || end() != next.offset || dtype != next.dtype || !how.equals(next.how)) {
            return false;
        }
        if (sources.size() != next.sources.size()) {
            return false;
        }
        for (int k = 0; k < sources.size(); k++) {
            if (!sources.get(k).continuesWith(next.sources.get(k), elements)) {
                return false;
            }
        }
        return true;
    }

    Run joined(Run next) {
        return new Run(output, offset, dtype, elements + next.elements, sources, how);
    }

    /** {@code count} of its elements from {@code first}. */
    Run slice(long first, long count) {
        List<Span> moved = sources.stream().map(s -> s.plus(first)).toList();
        return new Run(output, offset + dtype.bytes(first), dtype, count, moved, how);
    }

    /** Bits of the widest element among the output and the sources. */
    int widestBits() {
        return Math.max(
                dtype.bits(),
                sources.stream().mapToInt(s -> s.dtype().bits()).max().orElseThrow());
    }

    /** Bytes of {@code elements} in all sources. */
    long sourceBytes() {
        return sources.stream().mapToLong(s -> s.dtype().bytes(elements)).sum();
    }
}
