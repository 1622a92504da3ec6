package dev.stockpot.checkpoint;

import dev.stockpot.tensor.DType;
import java.nio.file.Path;
import java.util.Optional;

/** How an output is written. Immutable. */
public final class WriteOptions {
    /** The shard size that the Hub's own tools use, in bytes. */
    public static final long DEFAULT_SHARD_BYTES = 5_000_000_000L;

    private static final WriteOptions DEFAULTS = builder().build();

    private final long maxShardBytes;
    private final boolean durable;
    private final Optional<Like> like;
    private final Optional<String> card;
    private final Optional<DType> dtype;
    private final boolean directory;
    private final Optional<Integer> layers;
    private final Optional<String> recipe;
    private final Optional<LateRecipe> lateRecipe;
    private final Optional<String> adapterConfig;
    private final Optional<Part> part;

    private WriteOptions(Builder settings) {
        this.maxShardBytes = settings.maxShardBytes;
        this.durable = settings.durable;
        this.like = settings.like;
        this.card = settings.card;
        this.dtype = settings.dtype;
        this.directory = settings.directory;
        this.layers = settings.layers;
        this.recipe = settings.recipe;
        this.lateRecipe = settings.lateRecipe;
        this.adapterConfig = settings.adapterConfig;
        this.part = settings.part;
    }

    /**
     * A file to write like.
     *
     * @param file of the output's format; it may be an input, but not the output
     * @param options where its weights are, and how their names become the output's
     */
    public record Like(Path file, OpenOptions options) {}

    /** Shards of 5 GB, durable, a plain state dict in a PyTorch file, no model card. */
    public static WriteOptions defaults() {
        return DEFAULTS;
    }

    /** Starts from the {@link #defaults}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Starts from these settings. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.maxShardBytes = maxShardBytes;
        builder.durable = durable;
        builder.like = like;
        builder.card = card;
        builder.dtype = dtype;
        builder.directory = directory;
        builder.layers = layers;
        builder.recipe = recipe;
        builder.lateRecipe = lateRecipe;
        builder.adapterConfig = adapterConfig;
        builder.part = part;
        return builder;
    }

    /** Upper bound of a shard's tensors in a model directory, in bytes. */
    public long maxShardBytes() {
        return maxShardBytes;
    }

    /** Whether every byte is on the disk before the output takes its name. */
    public boolean durable() {
        return durable;
    }

    /** The file that the output is written like, if one is named. */
    public Optional<Like> like() {
        return like;
    }

    /** The text of the model card, the README.md in a model directory, if there is one. */
    public Optional<String> card() {
        return card;
    }

    /** The type that a model directory's configuration states in any case, if there is one. */
    public Optional<DType> dtype() {
        return dtype;
    }

    /** Whether the output is a model directory whatever its name. */
    public boolean directory() {
        return directory;
    }

    /** How many layers a model directory's configuration states, if that is another number than the input's. */
    public Optional<Integer> layers() {
        return layers;
    }

    /** The text of the recipe that makes the output again, if it is not the soup's own. */
    public Optional<String> recipe() {
        return recipe;
    }

    /** What completes the recipe's text, if it is a draft. */
    public Optional<LateRecipe> lateRecipe() {
        return lateRecipe;
    }

    /** The text of the {@code adapter_config.json} of an adapter's directory, if the output is one. */
    public Optional<String> adapterConfig() {
        return adapterConfig;
    }

    /** The part of the output that is written, if not all of it is. */
    public Optional<Part> part() {
        return part;
    }

    /** Builds {@link WriteOptions}. */
    public static final class Builder {
        private long maxShardBytes = DEFAULT_SHARD_BYTES;
        private boolean durable = true;
        private Optional<Like> like = Optional.empty();
        private Optional<String> card = Optional.empty();
        private Optional<DType> dtype = Optional.empty();
        private boolean directory;
        private Optional<Integer> layers = Optional.empty();
        private Optional<String> recipe = Optional.empty();
        private Optional<LateRecipe> lateRecipe = Optional.empty();
        private Optional<String> adapterConfig = Optional.empty();
        private Optional<Part> part = Optional.empty();

        private Builder() {}

        /**
         * Upper bound of a shard's tensors in a model directory, in bytes; a larger tensor has a shard of its own.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder maxShardBytes(long bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("a shard should have at least 1 byte but got " + bytes);
            }
            maxShardBytes = bytes;
            return this;
        }

        /** Whether every byte is on the disk before the output takes its name; a short-lived file need not wait for it. */
        public Builder durable(boolean waits) {
            durable = waits;
            return this;
        }

        /**
         * Writes the output like this file of its format: its names, its layout and everything else in it. Formats other than
         * safetensors and PyTorch are written like the first input, if it is of theirs, where none is named.
         */
        public Builder like(Path file, OpenOptions options) {
            like = Optional.of(new Like(file, options));
            return this;
        }

        /** The text of the model card; ignored if the output is one file. */
        public Builder card(String text) {
            card = Optional.of(text);
            return this;
        }

        /**
         * The type of the output's float tensors, which a model directory's {@code config.json} is to state even if the
         * input's tensors have it already. Without it, the configuration states what it did, unless the types change.
         */
        public Builder dtype(DType asked) {
            dtype = Optional.of(asked);
            return this;
        }

        /** Writes a model directory whatever the output's name: also where that ends like a file's. */
        public Builder directory(boolean always) {
            directory = always;
            return this;
        }

        /** How many layers a model directory's {@code config.json} is to state, where it states a number. */
        public Builder layers(int count) {
            layers = Optional.of(count);
            return this;
        }

        /**
         * The recipe that makes the output again, in YAML: its metadata have it, and in a model directory {@code
         * stockpot_recipe.yml}. Without it, a soup writes its own.
         */
        public Builder recipe(String text) {
            recipe = Optional.of(text);
            lateRecipe = Optional.empty();
            return this;
        }

        /** The same of a recipe whose text is complete once the values are written. The options are for one output then. */
        public Builder recipe(LateRecipe late) {
            recipe = Optional.of(late.draft());
            lateRecipe = Optional.of(late);
            return this;
        }

        /** Writes an adapter: a directory with weights under the name that PEFT looks for, and these settings. */
        public Builder adapterConfig(String text) {
            adapterConfig = Optional.of(text);
            return this;
        }

        /**
         * Writes a part of a model directory's shards alone, to a folder beside the output: {@code out.parts}. All parts have the
         * same recipe and the same other options; once they are there, {@code Stockpot.index} makes them the output.
         */
        public Builder part(Part one) {
            part = Optional.of(one);
            return this;
        }

        /** The options as currently set. */
        public WriteOptions build() {
            return new WriteOptions(this);
        }
    }
}
