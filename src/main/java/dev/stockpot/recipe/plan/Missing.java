package dev.stockpot.recipe.plan;

/** What to do with tensors that some models lack: the choices of {@code soup.options.OnMissing}, for merges. */
public enum Missing {
    /** Stop, and list them. */
    ERROR,
    /** Leave them out. */
    SKIP,
    /** Merge each of those that have it; where the method cannot, copy it. */
    KEEP
}
