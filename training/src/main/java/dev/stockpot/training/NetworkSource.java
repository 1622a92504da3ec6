package dev.stockpot.training;

import java.util.List;

/**
 * The definition of a network: the source of its forward pass in TorchScript, and the tensors that the source names.
 *
 * @param code a method {@code forward(self, x: Tensor) -> Tensor} from inputs [n, ...] to logits [n, classes]
 * @param tensors in the order in which a checkpoint holds them
 */
record NetworkSource(String code, List<Slot> tensors) {
    /** A tensor's values before training. */
    enum Start {
        /** Normal values with variance 2 / (inputs of one output), for layers before a rectifier (He et al. 2015). */
        SCALED,
        /** Normal values of standard deviation 0.05. */
        SMALL,
        /** Zeros. */
        ZEROS,
        /** Ones. */
        ONES
    }

    /**
     * A parameter or buffer.
     *
     * @param module the submodule that holds it
     * @param name within the submodule
     * @param buffer whether the optimizer leaves it alone
     */
    record Slot(String module, String name, Start start, boolean buffer, long... shape) {
        static Slot parameter(String module, String name, Start start, long... shape) {
            return new Slot(module, name, start, false, shape);
        }

        static Slot buffer(String module, String name, Start start, long... shape) {
            return new Slot(module, name, start, true, shape);
        }

        /** The name in a checkpoint. */
        String fullName() {
            return module + "." + name;
        }

        int elements() {
            long elements = 1;
            for (long size : shape) {
                elements = Math.multiplyExact(elements, size);
            }
            return Math.toIntExact(elements);
        }
    }
}
