/**
 * What the system provides besides files and mappings: threads, jobs, scratch folders, available memory, the contents of
 * {@code /proc}, digests of files.
 *
 * <p>Uses only the exceptions. What may enter: a small system utility that two rooms need.
 */
package dev.stockpot.system;
