package dev.stockpot.engine;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.util.Arrays;
import java.util.List;

/**
 * One output tensor and what it is made of.
 *
 * @param name of the tensor
 * @param dtype of the output
 * @param shape of the output and of every source
 * @param sources the tensors to mix, in ingredient order; one alone where it is carried over byte for byte
 * @param how mixed with these numbers, or carried over
 */
public record MixTensor(String name, DType dtype, List<Long> shape, List<TensorInfo> sources, How how) {
    /** What happens to the sources' values. */
    public sealed interface How permits Copy, Average {}

    /** The only source's bytes are the output's. */
    public enum Copy implements How {
        /** The one way to carry over. */
        COPY
    }

    /**
     * The weighted sum, divided.
     *
     * @param weights one a source, or null for a plain sum
     * @param divisor of the sum; 1 for none
     */
    public record Average(double[] weights, double divisor) implements How {
        @Override
        public boolean equals(Object other) {
            return other instanceof Average a
                    && Arrays.equals(weights, a.weights)
                    && Double.compare(divisor, a.divisor) == 0;
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(weights) + Double.hashCode(divisor);
        }
    }

    /** Elements of the output. */
    public long elements() {
        return sources.get(0).elements();
    }
}
