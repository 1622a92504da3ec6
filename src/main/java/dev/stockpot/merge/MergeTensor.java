package dev.stockpot.merge;

import java.util.List;
import java.util.Map;

/**
 * A tensor to be merged: what a method needs to know of it before any value is read.
 *
 * @param name of the tensor
 * @param shape of the tensor in every model
 * @param models how many models have it, the base not counted; sources 0 to {@code models - 1}, in order
 * @param base whether the base has it; it is then source {@code models}
 * @param seed what random numbers depend on, besides the tensor's name, the model's place and the element's index
 * @param values each parameter's values: one for each model, or one for the tensor
 */
public record MergeTensor(
        String name, List<Long> shape, int models, boolean base, long seed, Map<String, double[]> values) {
    /** A parameter's value for the tensor. */
    public double number(String parameter) {
        return values.get(parameter)[0];
    }

    /** Whether a flag is set. */
    public boolean flag(String parameter) {
        return number(parameter) != 0;
    }

    /** A parameter's value for a model. */
    public double number(String parameter, int model) {
        return values.get(parameter)[model];
    }

    /** How many elements it has; 1 if it has no dimension. */
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
