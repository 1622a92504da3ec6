package dev.stockpot.engine;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.util.List;

/**
 * Elements that lie one after the other in the output and in every source: a tensor, or several neighbours. Where
 * checkpoints share one layout, as fine-tunes of one model do, a whole file of one dtype is a single run, so that 50,000
 * small tensors cost what one large one does.
 */
public record Stretch(int output, long offset, DType dtype, SourceSpans sources, MixTensor.How how) {
    static Stretch of(MixPlan.Placed placed) {
        MixTensor tensor = placed.tensor();
        return new Stretch(
                placed.output(), placed.offset(), dtype(tensor), SourceSpans.of(sources(tensor)), tensor.how());
    }

    /** Copied byte for byte: counted in bytes, so that sub-byte types are no special case. */
    private static List<TensorInfo> sources(MixTensor tensor) {
        return tensor.how() instanceof MixTensor.Copy
                ? List.of(tensor.sources().get(0).asBytes())
                : tensor.sources();
    }

    private static DType dtype(MixTensor tensor) {
        return tensor.how() instanceof MixTensor.Copy ? DType.U8 : tensor.dtype();
    }

    /** How many elements a tensor's run has. */
    public static long elements(MixTensor tensor) {
        TensorInfo first = tensor.sources().get(0);
        return tensor.how() instanceof MixTensor.Copy ? first.bytes() : first.elements();
    }

    public long elements() {
        return sources.elements();
    }

    /** The offset behind its last byte in the output. */
    public long end() {
        return offset + dtype.bytes(elements());
    }

    /** Whether {@code next} lies behind {@code elements} that begin as this does. */
    boolean continuesWith(MixPlan.Placed next, long elements) {
        MixTensor tensor = next.tensor();
        return output == next.output()
                && offset + dtype.bytes(elements) == next.offset()
                && dtype == dtype(tensor)
                && how.equals(tensor.how())
                && sources.continuesWith(sources(tensor), elements);
    }

    /** {@code count} of its elements from {@code first}. */
    public Stretch slice(long first, long count) {
        return new Stretch(output, offset + dtype.bytes(first), dtype, sources.slice(first, count), how);
    }

    /** Bits of the widest element among the output and the sources. */
    public int widestBits() {
        return Math.max(dtype.bits(), sources.widestBits());
    }
}
