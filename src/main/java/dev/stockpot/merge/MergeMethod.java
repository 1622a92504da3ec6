package dev.stockpot.merge;

import java.util.List;

/**
 * A way to merge models, tensor by tensor. Implementations are immutable and may be used by any number of threads.
 *
 * <p>A program adds its own by implementing this: {@link #merge} says with formulas what is summed over a tensor, what follows
 * from the sums, and how its elements are made.
 */
public interface MergeMethod {
    /** Whether a method has a base model. */
    enum Base {
        /** It takes no base. */
        NONE,
        /** A base that is named is the first of the models. */
        MEMBER,
        /** It can have a base. */
        OPTIONAL,
        /** It needs a base. */
        REQUIRED;

        /** Whether a base is no model of its own: deltas are taken from it. */
        public boolean isApart() {
            return this == OPTIONAL || this == REQUIRED;
        }
    }

    /** Its name in recipes. */
    String name();

    /** What it computes, in a line or two, with the paper it comes from. */
    String description();

    /** Its parameters, each with a name of its own. */
    List<Parameter> parameters();

    /** Whether it has a base. */
    Base base();

    /** The least number of models, the base not counted; at least 1. */
    int fewest();

    /** The greatest number of models, the base not counted; {@link Integer#MAX_VALUE} for any. */
    int most();

    /**
     * How a tensor is merged. It is called before any value is read, and again whenever a run comes to the tensor.
     *
     * @param tensor with every parameter's values, each in its range; sources 0 to {@code models - 1} are the models in the
     *     recipe's order, and the base, if there is one, comes after them
     * @return the first step, which makes the output or leads to the one that does; the same each time
     * @throws IllegalArgumentException if the tensor's shape or the parameters together do not fit the method
     * @throws ArithmeticException if the parameters leave nothing to divide by
     */
    Step merge(MergeTensor tensor);

    /**
     * How often a tensor's values are read at most, for plans. By default twice if {@link #merge} begins with a measurement,
     * else once.
     */
    default int passes(MergeTensor tensor) {
        return merge(tensor) instanceof Step.Measure ? 2 : 1;
    }
}
