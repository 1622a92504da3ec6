package dev.stockpot.checkpoint;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Which of a file's tensors to read, and under which names. Immutable. */
public final class OpenOptions {
    private static final OpenOptions DEFAULTS = builder().build();

    private final List<String> keys;
    private final boolean marksKeys;
    private final Optional<String> stripPrefix;
    private final List<Rename> renames;

    private OpenOptions(Builder settings) {
        this.keys = List.copyOf(settings.keys);
        this.marksKeys = settings.marksKeys;
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
        builder.keys.addAll(keys);
        builder.marksKeys = marksKeys;
        builder.stripPrefix = stripPrefix;
        builder.renames.addAll(renames);
        return builder;
    }

    /**
     * Where in a PyTorch file the weights are: for each mapping to read, the keys on the path to it, joined with dots; a dot
     * for the whole file. In one of NumPy's arrays, what is before a slash of their names. None to look in the usual places.
     */
    public List<String> keys() {
        return keys;
    }

    /**
     * Whether a name that the mappings of several keys have is marked with the later key, as in {@code
     * conv.weight@state_dict_ema}; otherwise it is an error.
     */
    public boolean marksKeys() {
        return marksKeys;
    }

    /** The prefix to strip from the names that begin with it, if any. */
    public Optional<String> stripPrefix() {
        return stripPrefix;
    }

    /** The changes of names, in the order in which each is applied to all names, after the prefix was stripped. */
    public List<Rename> renames() {
        return renames;
    }

    /**
     * These options for checkpoints whose soup is to be written into the structure of a file. Without keys, they read from each
     * all mappings of weights that the file holds, if each has them with the same names and shapes; otherwise the usual one.
     *
     * @param structure the PyTorch file; it may be one of the checkpoints
     */
    public OpenOptions forStructure(Path structure, List<Path> checkpoints) {
        return keys.isEmpty()
                ? StructureKeys.of(structure, checkpoints, this)
                : toBuilder().marksKeys(true).build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OpenOptions o
                && keys.equals(o.keys)
                && marksKeys == o.marksKeys
                && stripPrefix.equals(o.stripPrefix)
                && renames.equals(o.renames);
    }

    @Override
    public int hashCode() {
        return Objects.hash(keys, marksKeys, stripPrefix, renames);
    }

    @Override
    public String toString() {
        return "OpenOptions[keys=" + keys + ", stripPrefix=" + stripPrefix.orElse("") + ", renames=" + renames + "]";
    }

    /** Builds {@link OpenOptions}. */
    public static final class Builder {
        private final List<String> keys = new ArrayList<>();
        private boolean marksKeys;
        private Optional<String> stripPrefix = Optional.empty();
        private final List<Rename> renames = new ArrayList<>();

        private Builder() {}

        /** Where in a PyTorch file the weights are; called again, where more of them are. */
        public Builder key(String where) {
            keys.add(where);
            return this;
        }

        /** Marks a name that the mappings of several keys have with the later key. */
        public Builder marksKeys(boolean marks) {
            marksKeys = marks;
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
