package dev.stockpot.soup.options;

import dev.stockpot.merge.MergeMethod;
import java.util.ArrayList;
import java.util.List;

/**
 * How a recipe's models are merged, besides what the recipe says.
 *
 * @param seed what random masks depend on, besides tensors' names, models' places and elements' indices
 * @param onMissing what to do with tensors that some models lack; those to keep are merged each of the models that have it, or
 *     copied from the base or else the first of them where the method needs more
 * @param truncatesEmbeddings whether vocabularies of different size are cut to the rows that all models have
 * @param methods a program's own, which recipes may name besides Stockpot's; of one name the last counts, also before
 *     Stockpot's
 */
public record MergeOptions(long seed, OnMissing onMissing, boolean truncatesEmbeddings, List<MergeMethod> methods) {
    /** The list is copied. */
    public MergeOptions {
        methods = List.copyOf(methods);
    }

    /** Seed 0, Stockpot's methods; models that do not fit together are an error. */
    public static MergeOptions defaults() {
        return new MergeOptions(0, OnMissing.ERROR, false, List.of());
    }

    /** The same with another seed. */
    public MergeOptions withSeed(long value) {
        return new MergeOptions(value, onMissing, truncatesEmbeddings, methods);
    }

    /** The same with another way to handle tensors that some models lack. */
    public MergeOptions withOnMissing(OnMissing way) {
        return new MergeOptions(seed, way, truncatesEmbeddings, methods);
    }

    /** The same, cutting vocabularies or not. */
    public MergeOptions withTruncatedEmbeddings(boolean truncates) {
        return new MergeOptions(seed, onMissing, truncates, methods);
    }

    /** The same with a further method. */
    public MergeOptions withMethod(MergeMethod own) {
        List<MergeMethod> all = new ArrayList<>(methods);
        all.add(own);
        return new MergeOptions(seed, onMissing, truncatesEmbeddings, all);
    }
}
