/**
 * What is asked of the system beside files and mappings: threads, jobs, scratch folders, memory that is left, what
 * {@code /proc} tells, digests of files.
 *
 * <p>Knows failures alone. What may enter: a small idea about the machine that two rooms need.
 */
package dev.stockpot.system;
