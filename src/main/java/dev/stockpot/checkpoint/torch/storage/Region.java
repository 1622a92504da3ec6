package dev.stockpot.checkpoint.torch.storage;

import java.nio.file.Path;

/**
 * Where a storage's bytes are.
 *
 * @param file the checkpoint itself, or a spool
 * @param offset of the first byte
 * @param bytes length
 */
record Region(Path file, long offset, long bytes) {}
