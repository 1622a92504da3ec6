/**
 * Addresses: native memory, mapped files, large pages, direct access to files, and the native library itself. One of
 * three rooms that use JavaCPP; {@code Native} is generated at build time from {@code native/include/stockpot.h}.
 *
 * <p>In this room: what can be read or written at an address, and nothing that computes. What may enter: another kind of
 * memory, or another way to a file's pages.
 */
package dev.stockpot.memory;
