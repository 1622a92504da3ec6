package dev.stockpot.soup.options;

import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.tensor.DType;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** How candidates are made. Immutable. */
public final class CandidateOptions {
    private static final CandidateOptions DEFAULTS = builder().build();

    private final Optional<DType> dtype;
    private final MatchOptions matching;
    private final Optional<Path> scratch;
    private final Candidate.Form form;
    private final Optional<WriteOptions.Like> like;
    private final OpenOptions opened;

    private CandidateOptions(Builder settings) {
        this.dtype = settings.dtype;
        this.matching = settings.matching;
        this.scratch = settings.scratch;
        this.form = settings.form;
        this.like = settings.like;
        this.opened = settings.opened;
    }

    /** The ingredients' dtypes, an error if tensors are missing, files in memory if there is room. */
    public static CandidateOptions defaults() {
        return DEFAULTS;
    }

    /** A builder set to the {@link #defaults}. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder set to these options. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.dtype = dtype;
        builder.matching = matching;
        builder.scratch = scratch;
        builder.form = form;
        builder.like = like;
        builder.opened = opened;
        return builder;
    }

    /** The dtype of the float tensors of soups, those that are scored too; empty for the first ingredient's. */
    public Optional<DType> dtype() {
        return dtype;
    }

    /** What to do with tensors that some ingredients lack. */
    public OnMissing onMissing() {
        return matching.onMissing();
    }

    /** How the ingredients' tensors are matched where they differ. */
    public MatchOptions matching() {
        return matching;
    }

    /** The folder for candidates that are handed over as files; empty for one in memory if there is room. */
    public Optional<Path> scratch() {
        return scratch;
    }

    /** The form of candidates for evaluators that leave it to the ingredients. */
    public Candidate.Form form() {
        return form;
    }

    /** The PyTorch file whose structure PyTorch candidates get; empty for that of the first ingredient. */
    public Optional<WriteOptions.Like> like() {
        return like;
    }

    /** How the ingredients were opened: where in their structure the weights go. */
    public OpenOptions opened() {
        return opened;
    }

    /** Builds {@link CandidateOptions}. */
    public static final class Builder {
        private Optional<DType> dtype = Optional.empty();
        private MatchOptions matching = MatchOptions.defaults();
        private Optional<Path> scratch = Optional.empty();
        private Candidate.Form form = Candidate.Form.AS_INGREDIENTS;
        private Optional<WriteOptions.Like> like = Optional.empty();
        private OpenOptions opened = OpenOptions.defaults();

        private Builder() {}

        /**
         * The dtype of float tensors.
         *
         * @throws IllegalArgumentException if it is not a float type
         */
        public Builder dtype(DType output) {
            if (!output.isFloat()) {
                throw new IllegalArgumentException("a soup's dtype should be a float type but got " + output);
            }
            dtype = Optional.of(output);
            return this;
        }

        /** What to do with tensors that some ingredients lack. */
        public Builder onMissing(OnMissing way) {
            matching = matching.toBuilder().onMissing(way).build();
            return this;
        }

        /** How the ingredients' tensors are matched where they differ; replaces what was set with {@link #onMissing}. */
        public Builder matching(MatchOptions how) {
            matching = Objects.requireNonNull(how, "matching");
            return this;
        }

        /** The folder for candidates that are handed over as files. */
        public Builder scratch(Path folder) {
            scratch = Optional.of(folder);
            return this;
        }

        /** The form of candidates for evaluators that leave it to the ingredients. */
        public Builder form(Candidate.Form wanted) {
            form = Objects.requireNonNull(wanted, "form");
            return this;
        }

        /** The PyTorch file whose structure PyTorch candidates get, and where its weights are. */
        public Builder like(Path file, OpenOptions options) {
            like = Optional.of(new WriteOptions.Like(file, options));
            return this;
        }

        /** How the ingredients were opened. */
        public Builder opened(OpenOptions options) {
            opened = Objects.requireNonNull(options, "opened");
            return this;
        }

        /** The options as currently set. */
        public CandidateOptions build() {
            return new CandidateOptions(this);
        }
    }
}
