package dev.stockpot.checkpoint;

/**
 * Which of a file's tensors to read, and under which names.
 *
 * @param key where in a PyTorch file the weights are, the keys on the way with dots between them; empty or a dot for the
 *     whole file; null to look in the usual places
 * @param stripPrefix what to take off the front of every name, or null
 */
public record OpenOptions(String key, String stripPrefix) {
    private static final OpenOptions DEFAULTS = new OpenOptions(null, null);

    /** Weights in the usual places, under their own names. */
    public static OpenOptions defaults() {
        return DEFAULTS;
    }

    /** These with another key. */
    public OpenOptions withKey(String other) {
        return new OpenOptions(other, stripPrefix);
    }

    /** These with another prefix. */
    public OpenOptions withStripPrefix(String other) {
        return new OpenOptions(key, other);
    }
}
