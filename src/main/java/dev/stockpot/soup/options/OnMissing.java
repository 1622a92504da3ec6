package dev.stockpot.soup.options;

/** What to do with tensors that not every ingredient has. */
public enum OnMissing {
    /** Stop, and list them. */
    ERROR,
    /** Leave them out of the soup. */
    SKIP,
    /** Keep them, averaged over the ingredients that have them. */
    KEEP
}
