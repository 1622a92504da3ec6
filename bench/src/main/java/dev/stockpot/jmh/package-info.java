/** Benchmarks of parts of Stockpot: kernels, a whole uniform soup, headers, a greedy search's bookkeeping. */
package dev.stockpot.jmh;
