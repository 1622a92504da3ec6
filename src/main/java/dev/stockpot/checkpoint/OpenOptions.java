package dev.stockpot.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Which of a file's tensors to read, and under which names. Immutable. */
public final class OpenOptions {
    private static final OpenOptions DEFAULTS = builder().build();

    private final Optional<String> key;
    private final Optional<String> stripPrefix;
    private final List<Rename> renames;

    private OpenOptions(Builder settings) {
        this.key = settings.key;
        this.stripPrefix = settings.stripPrefix;
        this.renames = List.copyOf(settings.renames);
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
        builder.renames.addAll(renames);
        return builder;
    }

    /**
     * Where in a PyTorch file the weights are: the keys on the path to them, joined with dots; a dot for the whole file. Empty
     * to look in the usual places.
     */
    public Optional<String> key() {
        return key;
    }

    /** The prefix to strip from the names that begin with it, if any. */
    public Optional<String> stripPrefix() {
        return stripPrefix;
    }

    /** The changes of names, in the order in which each is applied to all names, after the prefix was stripped. */
    public List<Rename> renames() {
        return renames;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OpenOptions o
                && key.equals(o.key)
                && stripPrefix.equals(o.stripPrefix)
                && renames.equals(o.renames);
    }

    @Override
    public int hashCode() {
        return Objects.hash(key, stripPrefix, renames);
    }

    @Override
    public String toString() {
        return "OpenOptions[key=" + key.orElse("") + ", stripPrefix=" + stripPrefix.orElse("") + ", renames=" + renames
                + "]";
    }

    /** Builds {@link OpenOptions}. */
    public static final class Builder {
        private Optional<String> key = Optional.empty();
        private Optional<String> stripPrefix = Optional.empty();
        private final List<Rename> renames = new ArrayList<>();

        private Builder() {}

        /** Where in a PyTorch file the weights are. */
        public Builder key(String where) {
            key = Optional.of(where);
            return this;
        }

        /**
         * The prefix to strip from the names that begin with it. At least one file of those that are opened together must have
         * such a name. With {@code module.}, the {@code n_averaged} of PyTorch's {@code AveragedModel} is left out.
         */
        public Builder stripPrefix(String prefix) {
            stripPrefix = Optional.of(prefix);
            return this;
        }

        /**
         * Replaces every match of {@code regex} in a name, after those of the renames that were added before. At least one file
         * of those that are opened together must have such a name.
         *
         * @throws IllegalArgumentException if the expression is not valid, or the replacement names a group that it lacks
         */
        public Builder rename(String regex, String replacement) {
            renames.add(new Rename(regex, replacement));
            return this;
        }

        /** The options as currently set. */
        public OpenOptions build() {
            return new OpenOptions(this);
        }
    }
}
