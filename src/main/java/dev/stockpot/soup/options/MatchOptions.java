package dev.stockpot.soup.options;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * How the ingredients' tensors are matched where they differ. Patterns may match any part of a name. Immutable.
 */
public final class MatchOptions {
    private static final MatchOptions DEFAULTS = builder().build();

    private final OnMissing onMissing;
    private final List<Pattern> exclude;
    private final List<Pattern> takeFirst;
    private final List<Pattern> commonRows;
    private final AdapterWay adapters;
    private final OptionalInt rank;

    private MatchOptions(Builder settings) {
        this.onMissing = settings.onMissing;
        this.exclude = List.copyOf(settings.exclude);
        this.takeFirst = List.copyOf(settings.takeFirst);
        this.commonRows = List.copyOf(settings.commonRows);
        this.adapters = settings.adapters;
        this.rank = settings.rank;
    }

    /** Every ingredient must have every tensor, in one shape. */
    public static MatchOptions defaults() {
        return DEFAULTS;
    }

    /** A builder set to the {@link #defaults}. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder set to these options. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.onMissing = onMissing;
        builder.exclude.addAll(exclude);
        builder.takeFirst.addAll(takeFirst);
        builder.commonRows.addAll(commonRows);
        builder.adapters = adapters;
        builder.rank = rank;
        return builder;
    }

    /** What to do with tensors that some ingredients lack. */
    public OnMissing onMissing() {
        return onMissing;
    }

    /** Tensors that are left out. */
    public List<Pattern> exclude() {
        return exclude;
    }

    /** Tensors that are not averaged but copied from the first ingredient that has them, whatever the others have. */
    public List<Pattern> takeFirst() {
        return takeFirst;
    }

    /**
     * Tensors whose first sizes (rows, such as the words of an embedding) may differ: each row is averaged over the ingredients
     * that have it, so the result has as many as the longest.
     */
    public List<Pattern> commonRows() {
        return commonRows;
    }

    /** How LoRA adapters are averaged, by the recipes that average: uniform and greedy soups. */
    public AdapterWay adapters() {
        return adapters;
    }

    /** The rank that an exact average of adapters is reduced to, where it has a higher one; empty to leave it. */
    public OptionalInt rank() {
        return rank;
    }

    /** Two are equal if they do the same. */
    @Override
    public boolean equals(Object other) {
        return other instanceof MatchOptions o && toString().equals(o.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    @Override
    public String toString() {
        return "MatchOptions[onMissing=" + onMissing + ", exclude=" + exclude + ", takeFirst=" + takeFirst
                + ", commonRows=" + commonRows + ", adapters=" + adapters + ", rank=" + rank + "]";
    }

    /** Builds {@link MatchOptions}. */
    public static final class Builder {
        private OnMissing onMissing = OnMissing.ERROR;
        private final List<Pattern> exclude = new ArrayList<>();
        private final List<Pattern> takeFirst = new ArrayList<>();
        private final List<Pattern> commonRows = new ArrayList<>();
        private AdapterWay adapters = AdapterWay.EXACT;
        private OptionalInt rank = OptionalInt.empty();

        private Builder() {}

        /** What to do with tensors that some ingredients lack. */
        public Builder onMissing(OnMissing way) {
            onMissing = Objects.requireNonNull(way, "onMissing");
            return this;
        }

        /** Leaves out the tensors whose names {@code name} matches. */
        public Builder exclude(Pattern name) {
            exclude.add(name);
            return this;
        }

        /** Copies the tensors whose names {@code name} matches from the first ingredient that has them. */
        public Builder takeFirst(Pattern name) {
            takeFirst.add(name);
            return this;
        }

        /** Averages each row of the tensors whose names {@code name} matches over the ingredients that have it. */
        public Builder commonRows(Pattern name) {
            commonRows.add(name);
            return this;
        }

        /** How LoRA adapters are averaged. */
        public Builder adapters(AdapterWay way) {
            adapters = Objects.requireNonNull(way, "adapters");
            return this;
        }

        /**
         * Reduces an exact average of adapters to this rank.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder rank(int most) {
            if (most < 1) {
                throw new IllegalArgumentException("a rank should be at least 1 but got " + most);
            }
            rank = OptionalInt.of(most);
            return this;
        }

        /** The options as currently set. */
        public MatchOptions build() {
            return new MatchOptions(this);
        }
    }
}
