/**
 * Zip archives (APPNOTE.TXT) as {@code torch.save} writes them: a directory of entries that is read without trust, and
 * an archive of stored entries that is written with every offset known beforehand. Knows nothing of PyTorch.
 *
 * <p>What may enter: what the archive format has.
 */
package dev.stockpot.checkpoint.torch.zip;
