package dev.stockpot.engine;

import dev.stockpot.checkpoint.DType;
import dev.stockpot.checkpoint.TensorInfo;
import java.nio.file.Path;
import java.util.List;

/** Elements that lie one after the other in every source, in ingredient order. */
record SourceSpans(long elements, List<Span> spans) {
    /** Where a source's elements begin. */
    record Span(Path file, long offset, DType dtype) {
        static Span of(TensorInfo tensor) {
            return new Span(tensor.file(), tensor.offset(), tensor.dtype());
        }

        Span plus(long elements) {
            return new Span(file, offset + dtype.bytes(elements), dtype);
        }

        /** Whether {@code next} begins where {@code elements} of this end. */
        boolean continuesWith(Span next, long elements) {
            return dtype == next.dtype && offset + dtype.bytes(elements) == next.offset && file.equals(next.file);
        }
    }

    /** {@code count} of the elements from {@code first}. */
    SourceSpans slice(long first, long count) {
        return new SourceSpans(count, spans.stream().map(s -> s.plus(first)).toList());
    }

    /** Whether {@code next} begins where this ends, in every source. */
    boolean continuesWith(SourceSpans next) {
        if (spans.size() != next.spans.size()) {
            return false;
        }
        for (int k = 0; k < spans.size(); k++) {
            if (!spans.get(k).continuesWith(next.spans.get(k), elements)) {
                return false;
            }
        }
        return true;
    }

    /** Bits of the widest element. */
    int widestBits() {
        return spans.stream().mapToInt(s -> s.dtype().bits()).max().orElseThrow();
    }

    /** Bytes of all spans together. */
    long bytes() {
        return spans.stream().mapToLong(s -> s.dtype().bytes(elements)).sum();
    }
}
