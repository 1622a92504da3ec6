package dev.stockpot.engine;

/**
 * How an output is written.
 *
 * @param replace whether one that exists is replaced
 * @param maxShardBytes upper bound of a shard's tensors in a model directory, in bytes, at least 1
 * @param durable whether every byte is on the disk before the output takes its name
 * @param card text of the model card, the README.md in a model directory, or null for none; no matter for other outputs
 */
public record WriteOptions(boolean replace, long maxShardBytes, boolean durable, String card) {
    /** The shard size that the Hub's own tools use. */
    public static final long DEFAULT_SHARD_BYTES = 5_000_000_000L;

    public WriteOptions {
        if (maxShardBytes < 1) {
            throw new IllegalArgumentException("a shard should have at least 1 byte but got " + maxShardBytes);
        }
    }

    /** Without a model card. */
    public WriteOptions(boolean replace, long maxShardBytes, boolean durable) {
        this(replace, maxShardBytes, durable, null);
    }

    /** With a model card. */
    public WriteOptions withCard(String text) {
        return new WriteOptions(replace, maxShardBytes, durable, text);
    }

    /** Refuses to replace, shards of 5 GB, durable. */
    public static WriteOptions defaults() {
        return new WriteOptions(false, DEFAULT_SHARD_BYTES, true);
    }

    /** For a file that is gone soon: one shard, and nobody waits for the disk. */
    public static WriteOptions passing() {
        return new WriteOptions(false, Long.MAX_VALUE, false);
    }
}
