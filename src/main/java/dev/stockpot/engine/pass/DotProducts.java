package dev.stockpot.engine.pass;

import dev.stockpot.engine.Elements;
import dev.stockpot.engine.Needs;
import dev.stockpot.engine.Reduction;
import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.Memory;
import dev.stockpot.memory.SourceFaultException;
import java.nio.ByteBuffer;

/** The dot products of a tensor's gradient with the sources, one per source (docs/numbers.md, "Dot products"). */
record DotProducts(TensorGradient gradient) implements Reduction<double[]> {
    @Override
    public double[] zero() {
        return new double[gradient.sources().size()];
    }

    @Override
    public double[] add(double[] partial, Elements tile) {
        Operand vector = vector(tile.first(), tile.count());
        try {
            tile.kernels().dot(new Dot(vector, tile.sources(), tile.count()), partial);
        } catch (SourceFaultException e) {
            throw e.memory() == vector.memory() ? gone(e) : e;
        }
        return partial;
    }

    private Operand vector(long first, long count) {
        int length = Math.toIntExact(gradient.dtype().bytes(count));
        ByteBuffer bytes = gradient.values().slice(gradient.dtype().bytes(first), length);
        if (bytes.remaining() != length) {
            throw new IllegalArgumentException("a buffer of " + length + " bytes of the gradient of tensor "
                    + gradient.name() + " was asked for but it has " + bytes.remaining());
        }
        return new Operand(gradient.dtype(), Memory.of(bytes.slice()), 0);
    }

    private RuntimeException gone(SourceFaultException fault) {
        return new EvaluationException(
                Reason.NO_GRADIENT,
                "the gradient of tensor " + gradient.name() + " cannot be read: its memory went away",
                Details.of().tensor(gradient.name()).cause(fault));
    }

    @Override
    public double[] merge(double[] total, double[] next) {
        return Sums.add(total, next);
    }

    @Override
    public Needs needs() {
        return new Needs(0, gradient.dtype().bits(), Long.MAX_VALUE);
    }
}
