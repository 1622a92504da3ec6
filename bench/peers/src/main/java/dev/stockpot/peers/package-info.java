/**
 * Ways to average checkpoints without Stockpot, one process each: what they have in common is a small reader and writer of
 * safetensors files ({@link dev.stockpot.peers.ModelFile}, {@link dev.stockpot.peers.SoupFile}), so that they differ in how
 * they average alone. None makes its output durable; none checks what Stockpot checks.
 */
package dev.stockpot.peers;
