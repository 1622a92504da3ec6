package dev.stockpot.run;

import java.util.Locale;

/** A reason to think that an output would be no model worth having. A run stops at it, unless it is told to allow it. */
public enum Concern {
    /** Weights are quantised: their numbers mean something only together with their scales. */
    QUANTISED,
    /** Adapters of different ranks, scales or targets: the average of their factors is not that of their products. */
    ADAPTERS,
    /** Ingredients are parts of one model: shards, or the files of ranks. */
    PARTS,
    /** Tensors are empty where others, or their names, ask for values. */
    PLACEHOLDERS,
    /** The models' settings differ in what changes the function that the weights are for. */
    CONFIGS,
    /** Values are infinite or not numbers. */
    NON_FINITE;

    /** As on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
