package dev.stockpot.engine;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;

/**
 * Elements to be made that are consecutive in the output and in every source: a tensor, or several neighbours. If
 * checkpoints share one layout, as fine-tunes of one model do, a whole file of one dtype is a single stretch, so 50,000
 * small tensors cost as much as one large one.
 *
 * @param output which output, from 0
 * @param offset of the first byte there
 * @param dtype of the output
 * @param sources what they are made from
 * @param how they are made
 * @param first the index of the first element in its tensor
 */
public record Stretch(int output, long offset, DType dtype, SourceSpans sources, Operation how, long first)
        implements Task {
    /** A whole tensor, made from {@code sources}. */
    public static Stretch of(int output, long offset, DType dtype, SourceSpans sources, Operation how) {
        return new Stretch(output, offset, dtype, sources, how, 0);
    }

    /** A placed tensor, made in a way that is known. */
    static Stretch of(MixPlan.Placed placed, Operation how) {
        MixTensor tensor = placed.tensor();
        return how == Copy.BYTES
                ? of(placed.output(), placed.offset(), DType.U8, SourceSpans.ofBytes(first(tensor)), how)
                : of(placed.output(), placed.offset(), tensor.dtype(), SourceSpans.of(tensor.sources()), how);
    }

    private static TensorInfo first(MixTensor tensor) {
        return tensor.sources().get(0);
    }

    /** How many elements a tensor's stretch has: bytes if it is copied. */
    static long elements(MixTensor tensor) {
        return tensor.isCopy() ? first(tensor).bytes() : first(tensor).elements();
    }

    /** How many elements. */
    public long elements() {
        return sources.elements();
    }

    /** The offset after the last byte in the output. */
    public long end() {
        return offset + dtype.bytes(elements());
    }

    /**
     * Whether {@code next} follows {@code elements} elements from the start of this, and can be made together with them.
     *
     * @param made how it is made
     */
    boolean continuesWith(MixPlan.Placed next, Way made, long elements) {
        MixTensor tensor = next.tensor();
        return output == next.output()
                && offset + dtype.bytes(elements) == next.offset()
                && dtype == (tensor.isCopy() ? DType.U8 : tensor.dtype())
                && how.equals(made)
                && joins(how)
                && continues(tensor, elements);
    }

    private static boolean joins(Operation how) {
        return !(how instanceof Combination combination) || combination.joinsTensors();
    }

    private boolean continues(MixTensor tensor, long elements) {
        if (!tensor.isCopy()) {
            return sources.continuesWith(tensor.sources(), elements);
        }
        TensorInfo next = first(tensor);
        SourceSpans.Span span = sources.spans().get(0);
        return span.end(elements) == next.offset() && span.source().equals(next.source());
    }

    /** {@code count} of the elements from {@code from}. */
    public Stretch slice(long from, long count) {
        return new Stretch(output, offset + dtype.bytes(from), dtype, sources.slice(from, count), how, first + from);
    }

    @Override
    public Needs needs() {
        return how instanceof Combination combination ? combination.needs() : Needs.NOTHING;
    }

    /** Bits of the widest element among the output, the sources and what the operation needs. */
    public int widestBits() {
        return Math.max(Math.max(dtype.bits(), needs().widestBits()), sources.widestBits());
    }
}
