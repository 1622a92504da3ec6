package dev.stockpot.engine;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.Source;
import dev.stockpot.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;

/**
 * Elements that are consecutive in every source; one span per source, in ingredient order.
 *
 * @param alike the sources if the spans are at the same place in each; else null
 */
public record SourceSpans(long elements, List<Span> spans, List<Source> alike) {
    private SourceSpans(long elements, List<Span> spans) {
        this(elements, spans, null);
    }

    /** Where the elements start in a source. */
    public record Span(Source source, long offset, DType dtype) {
        static Span of(TensorInfo tensor) {
            return new Span(tensor.source(), tensor.offset(), tensor.dtype());
        }

        private Span plus(long elements) {
            return new Span(source, offset + dtype.bytes(elements), dtype);
        }

        /** The offset after {@code elements}. */
        public long end(long elements) {
            return offset + dtype.bytes(elements);
        }

        /** Whether {@code next} starts where {@code elements} of this end. */
        private boolean continuesWith(TensorInfo next, long elements) {
            // Path.equals compares byte by byte, even with itself.
            return dtype == next.dtype()
                    && end(elements) == next.offset()
                    && (source == next.source() || source.equals(next.source()));
        }
    }

    /** All elements of each of {@code tensors}, which all have the same number. */
    public static SourceSpans of(List<TensorInfo> tensors) {
        List<Span> spans = new ArrayList<>(tensors.size());
        for (TensorInfo tensor : tensors) {
            spans.add(Span.of(tensor));
        }
        List<Source> alike = tensors instanceof AlikeTensors views ? views.sources() : null;
        return new SourceSpans(tensors.get(0).elements(), spans, alike);
    }

    /** All bytes of a tensor, each as one element, so that packed types are no special case. */
    static SourceSpans ofBytes(TensorInfo tensor) {
        return new SourceSpans(tensor.bytes(), List.of(new Span(tensor.source(), tensor.offset(), DType.U8)));
    }

    /** {@code count} of the elements from {@code first}. */
    public SourceSpans slice(long first, long count) {
        List<Span> slices = new ArrayList<>(spans.size());
        for (Span span : spans) {
            slices.add(span.plus(first));
        }
        return new SourceSpans(count, slices);
    }

    /** Whether, in every source, {@code next} follows {@code elements} elements from the start of these. */
    boolean continuesWith(List<TensorInfo> next, long elements) {
        // Avoids comparing every ingredient of many small tensors.
        if (alike != null && next instanceof AlikeTensors views && views.sources() == alike) {
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
