/** Benchmarks of the parts: kernels, a whole uniform soup, headers, a greedy search's bookkeeping. */
package dev.stockpot.jmh;
