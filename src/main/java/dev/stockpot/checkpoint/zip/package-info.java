/**
 * Zip archives (APPNOTE.TXT) as {@code torch.save} and NumPy write them: a directory of entries that is read without trust, and
 * an archive of stored entries that is written with every offset known beforehand. Knows nothing of what is in them.
 *
 * <p>What may enter: other features of the archive format.
 */
package dev.stockpot.checkpoint.zip;
