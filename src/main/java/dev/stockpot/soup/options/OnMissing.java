package dev.stockpot.soup.options;

/** What to do with tensors that some ingredients lack. */
public enum OnMissing {
    /** Fail, and list them. */
    ERROR,
    /** Leave them out of the soup. */
    SKIP,
    /** Keep them, averaged over the ingredients that have them. */
    KEEP
}
