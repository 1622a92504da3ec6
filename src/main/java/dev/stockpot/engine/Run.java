package dev.stockpot.engine;

import dev.stockpot.checkpoint.DType;
import java.util.List;

/**
 * Elements that lie one after the other in the output and in every source: a tensor, or several neighbours. Where
 * checkpoints share one layout, as fine-tunes of one model do, a whole file of one dtype is a single run, so that 50,000
 * small tensors cost what one large one does.
 */
record Run(int output, long offset, DType dtype, SourceSpans sources, MixTensor.How how) {
    static Run of(MixPlan.Placed placed) {
        MixTensor tensor = placed.tensor();
        List<SourceSpans.Span> spans =
                tensor.sources().stream().map(SourceSpans.Span::of).toList();
        if (tensor.how() instanceof MixTensor.Copy) {
            // Copied byte for byte: counted in bytes, so that sub-byte types are no special case.
            SourceSpans.Span first = spans.get(0);
            SourceSpans.Span bytes = new SourceSpans.Span(first.file(), first.offset(), DType.U8);
            SourceSpans copied = new SourceSpans(tensor.sources().get(0).bytes(), List.of(bytes));
            return new Run(placed.output(), placed.offset(), DType.U8, copied, tensor.how());
        }
        SourceSpans sources = new SourceSpans(tensor.elements(), spans);
        return new Run(placed.output(), placed.offset(), tensor.dtype(), sources, tensor.how());
    }

    long elements() {
        return sources.elements();
    }

    /** The offset behind its last byte in the output. */
    long end() {
        return offset + dtype.bytes(elements());
    }

    boolean continuesWith(Run next) {
        return output == next.output
                && end() == next.offset
                && dtype == next.dtype
                && how.equals(next.how)
                && sources.continuesWith(next.sources);
    }

    Run joined(Run next) {
        SourceSpans both = new SourceSpans(elements() + next.elements(), sources.spans());
        return new Run(output, offset, dtype, both, how);
    }

    /** {@code count} of its elements from {@code first}. */
    Run slice(long first, long count) {
        return new Run(output, offset + dtype.bytes(first), dtype, sources.slice(first, count), how);
    }

    /** Bits of the widest element among the output and the sources. */
    int widestBits() {
        return Math.max(dtype.bits(), sources.widestBits());
    }
}
