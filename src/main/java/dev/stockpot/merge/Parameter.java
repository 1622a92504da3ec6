package dev.stockpot.merge;

import java.util.List;
import java.util.OptionalDouble;

/**
 * A parameter of a merge method. Values are numbers; a flag is 1 or 0, a choice the place of its word in {@link #choices}.
 *
 * @param name as recipes write it
 * @param perModel whether each model has a value of its own, or the tensor has one
 * @param least the least value that is allowed, perhaps infinite
 * @param most the greatest value that is allowed, perhaps infinite
 * @param otherwise the value where none is given; empty if one has to be
 * @param choices the words that can be given instead of numbers; empty for a number or a flag
 * @param flag whether it is true or false
 * @param help what it does, in a sentence
 */
public record Parameter(
        String name,
        boolean perModel,
        double least,
        double most,
        OptionalDouble otherwise,
        List<String> choices,
        boolean flag,
        String help) {
    /** A number for each model, or for all. */
    public static Parameter ofModel(String name, double least, double most, OptionalDouble otherwise, String help) {
        return new Parameter(name, true, least, most, otherwise, List.of(), false, help);
    }

    /** A number for the tensor. */
    public static Parameter number(String name, double least, double most, OptionalDouble otherwise, String help) {
        return new Parameter(name, false, least, most, otherwise, List.of(), false, help);
    }

    /** True or false. */
    public static Parameter flag(String name, boolean otherwise, String help) {
        return new Parameter(name, false, 0, 1, OptionalDouble.of(otherwise ? 1 : 0), List.of(), true, help);
    }

    /** One of some words. */
    public static Parameter choice(String name, List<String> words, String otherwise, String help) {
        return new Parameter(
                name,
                false,
                0,
                words.size() - 1.0,
                OptionalDouble.of(words.indexOf(otherwise)),
                List.copyOf(words),
                false,
                help);
    }

    /** A value as recipes write it: a {@link Boolean} for a flag, a {@link String} for a choice, else a {@link Double}. */
    public Object written(double value) {
        if (flag) {
            return value != 0;
        }
        return choices.isEmpty() ? (Object) value : choices.get((int) value);
    }

    /** Whether {@code value} is in its range; no value is NaN. */
    public boolean allows(double value) {
        return value >= least && value <= most;
    }
}
