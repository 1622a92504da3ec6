/**
 * Ways to average checkpoints without Stockpot, one process each. They share a small reader and writer of safetensors
 * files ({@link dev.stockpot.peers.ModelFile}, {@link dev.stockpot.peers.SoupFile}), so that they differ only in how they
 * average. None makes its output durable; none checks what Stockpot checks.
 */
package dev.stockpot.peers;
