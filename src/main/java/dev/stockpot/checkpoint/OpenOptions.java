package dev.stockpot.checkpoint;

import java.util.Objects;
import java.util.Optional;

/** Which of a file's tensors to read, and under which names. Immutable. */
public final class OpenOptions {
    private static final OpenOptions DEFAULTS = builder().build();

    private final Optional<String> key;
    private final Optional<String> stripPrefix;

    private OpenOptions(Builder settings) {
        this.key = settings.key;
        this.stripPrefix = settings.stripPrefix;
    }

    /** Weights in the usual places, under their own names. */
    public static OpenOptions defaults() {
        return DEFAULTS;
    }

    /** Starts from the {@link #defaults}. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder set to these options. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.key = key;
        builder.stripPrefix = stripPrefix;
        return builder;
    }

    /**
     * Where in a PyTorch file the weights are: the keys on the path to them, joined with dots; a dot for the whole file. Empty
     * to look in the usual places.
     */
    public Optional<String> key() {
        return key;
    }

    /** The prefix to strip from every name, if any. */
    public Optional<String> stripPrefix() {
        return stripPrefix;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OpenOptions o && key.equals(o.key) && stripPrefix.equals(o.stripPrefix);
    }

    @Override
    public int hashCode() {
        return Objects.hash(key, stripPrefix);
    }

    @Override
    public String toString() {
        return "OpenOptions[key=" + key.orElse("") + ", stripPrefix=" + stripPrefix.orElse("") + "]";
    }

    /** Builds {@link OpenOptions}. */
    public static final class Builder {
        private Optional<String> key = Optional.empty();
        private Optional<String> stripPrefix = Optional.empty();

        private Builder() {}

        /** Where in a PyTorch file the weights are. */
        public Builder key(String where) {
            key = Optional.of(where);
            return this;
        }

        /** The prefix to strip from every name. */
        public Builder stripPrefix(String prefix) {
            stripPrefix = Optional.of(prefix);
            return this;
        }

        /** The options as currently set. */
        public OpenOptions build() {
            return new OpenOptions(this);
        }
    }
}
