package dev.stockpot.checkpoint;

import java.nio.file.Path;

/**
 * How an output is written.
 *
 * @param replace whether one that exists is replaced
 * @param maxShardBytes upper bound of a shard's tensors in a model directory, in bytes, at least 1
 * @param durable whether every byte is on the disk before the output takes its name
 * @param like the PyTorch file into whose structure a PyTorch output is written, or null for a plain state dict
 * @param card text of the model card, the README.md in a model directory, or null for none; no matter for other outputs
 */
public record WriteOptions(boolean replace, long maxShardBytes, boolean durable, Like like, String card) {
    /**
     * A structure to write into.
     *
     * @param file of PyTorch; it may be an input, but not the output
     * @param options where its weights are, and under which names they are those of the output
     */
    public record Like(Path file, OpenOptions options) {}

    /** The shard size that the Hub's own tools use. */
    public static final long DEFAULT_SHARD_BYTES = 5_000_000_000L;

    public WriteOptions {
        if (maxShardBytes < 1) {
            throw new IllegalArgumentException("a shard should have at least 1 byte but got " + maxShardBytes);
        }
    }

    /** A plain state dict in a PyTorch output, no model card. */
    public WriteOptions(boolean replace, long maxShardBytes, boolean durable) {
        this(replace, maxShardBytes, durable, null, null);
    }

    /** With a model card. */
    public WriteOptions withCard(String text) {
        return new WriteOptions(replace, maxShardBytes, durable, like, text);
    }

    /** Refuses to replace, shards of 5 GB, durable. */
    public static WriteOptions defaults() {
        return new WriteOptions(false, DEFAULT_SHARD_BYTES, true);
    }

    /** These, into the structure of a PyTorch file. */
    public WriteOptions withLike(Path file, OpenOptions options) {
        return new WriteOptions(replace, maxShardBytes, durable, new Like(file, options), card);
    }

    /** For a file that is gone soon: one shard, and nobody waits for the disk. */
    public static WriteOptions passing() {
        return new WriteOptions(false, Long.MAX_VALUE, false);
    }
}
