package dev.stockpot.merge;

import java.util.List;

/**
 * Something that a method found out about a tensor, or decided from its values: a cosine, a weight, the share of a delta that
 * is kept. It explains the result and changes nothing. docs/merging.md lists those of Stockpot's methods.
 */
public sealed interface Fact {
    /** What it is, in lower case with underscores; a tensor has no two facts of one name. */
    String name();

    /**
     * A number about the tensor.
     *
     * @param value NaN if there is none, as the cosine of a vector that is all zeros
     */
    record Number(String name, double value) implements Fact {}

    /** A number for each model that has the tensor, in order, the base not counted. */
    record ByModel(String name, List<Double> values) implements Fact {
        /** The values are copied. */
        public ByModel {
            values = List.copyOf(values);
        }
    }

    /** One of a few words, such as the branch that a method took. */
    record Word(String name, String word) implements Fact {}
}
