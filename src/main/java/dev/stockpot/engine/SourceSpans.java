package dev.stockpot.engine;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Elements that lie one after the other in every source, in ingredient order.
 *
 * @param alike the sources' files where what lies in one of them lies alike in the others; else null
 */
public record SourceSpans(long elements, List<Span> spans, List<Path> alike) {
    public SourceSpans(long elements, List<Span> spans) {
        this(elements, spans, null);
    }

    /** Where a source's elements begin. */
    public record Span(Path file, long offset, DType dtype) {
        public static Span of(TensorInfo tensor) {
            return new Span(tensor.file(), tensor.offset(), tensor.dtype());
        }

        public Span plus(long elements) {
            return new Span(file, offset + dtype.bytes(elements), dtype);
        }

        /** Whether {@code next} begins where {@code elements} of this end. */
        boolean continuesWith(TensorInfo next, long elements) {
            // A path compares itself byte by byte even with itself.
            return dtype == next.dtype()
                    && offset + dtype.bytes(elements) == next.offset()
                    && (file == next.file() || file.equals(next.file()));
        }
    }

    /** All elements of each of {@code tensors}, of which there are as many in each. */
    public static SourceSpans of(List<TensorInfo> tensors) {
        List<Span> spans = new ArrayList<>(tensors.size());
        for (TensorInfo tensor : tensors) {
            spans.add(Span.of(tensor));
        }
        List<Path> alike = tensors instanceof AlikeTensors views ? views.files() : null;
        return new SourceSpans(tensors.get(0).elements(), spans, alike);
    }

    /** {@code count} of the elements from {@code first}. */
    public SourceSpans slice(long first, long count) {
        List<Span> slices = new ArrayList<>(spans.size());
        for (Span span : spans) {
            slices.add(span.plus(first));
        }
        return new SourceSpans(count, slices);
    }

    /** Whether {@code next} lie behind {@code elements} that begin as these do, in every source. */
    boolean continuesWith(List<TensorInfo> next, long elements) {
        // Many ingredients of many small tensors need not be gone through one by one.
        if (alike != null && next instanceof AlikeTensors views && views.files() == alike) {
            return spans.get(0).continuesWith(views.first(), elements);
        }
        if (spans.size() != next.size()) {
            return false;
        }
        for (int k = 0; k < spans.size(); k++) {
            if (!spans.get(k).continuesWith(next.get(k), elements)) {
                return false;
            }
        }
        return true;
    }

    /** Bits of the widest element. */
    public int widestBits() {
        int widest = 0;
        for (Span span : spans) {
            widest = Math.max(widest, span.dtype().bits());
        }
        return widest;
    }

    /** Bytes of all spans together. */
    public long bytes() {
        long bytes = 0;
        for (Span span : spans) {
            bytes += span.dtype().bytes(elements);
        }
        return bytes;
    }
}
