package dev.stockpot.merge;

import java.util.List;
import java.util.Map;

/**
 * A tensor to be merged: what a method needs to know of it before any value is read.
 *
 * @param name of the tensor in the output
 * @param shape of the tensor in every model, row-major; empty for a single number
 * @param models how many models have it, the base not counted; sources 0 to {@code models - 1}, in order
 * @param base whether the base has it; it is then source {@code models}
 * @param seed what random numbers depend on, besides the tensor's name, the model's place and the element's index
 * @param values by the parameters' names: {@code models} values of a parameter per model, one value of any other
 * @param facts whether someone listens to facts; else counts that only they need can be left out
 */
public record MergeTensor(
        String name,
        List<Long> shape,
        int models,
        boolean base,
        long seed,
        Map<String, double[]> values,
        boolean facts) {
    /** A tensor whose facts nobody listens to. */
    public MergeTensor(
            String name, List<Long> shape, int models, boolean base, long seed, Map<String, double[]> values) {
        this(name, shape, models, base, seed, values, false);
    }

    /** The same, whose facts are wanted. */
    public MergeTensor withFacts() {
        return new MergeTensor(name, shape, models, base, seed, values, true);
    }

    /** The value of a parameter that is not per model. */
    public double number(String parameter) {
        return values.get(parameter)[0];
    }

    /** Whether a flag is set. */
    public boolean flag(String parameter) {
        return number(parameter) != 0;
    }

    /** The value of a parameter per model for a model, counted from 0. */
    public double number(String parameter, int model) {
        return values.get(parameter)[model];
    }

    /**
     * How many elements it has; 1 if it has no dimension.
     *
     * @throws ArithmeticException if there are more than a long holds
     */
    public long elements() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /** Elements of a row: its last dimension, or the whole tensor if it has only one. */
    public long rowLength() {
        return shape.isEmpty() ? 1 : shape.get(shape.size() - 1);
    }

    /** The source number of the base. */
    public int baseSource() {
        return models;
    }
}
