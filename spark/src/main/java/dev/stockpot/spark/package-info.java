/**
 * Soups on Apache Spark: {@link dev.stockpot.spark.SparkSoup} has executors make a soup's files side by side, from and to any
 * store that Hadoop reaches. The package {@code store} reads from such stores. Only Spark's RDDs are used, in Java. What may
 * enter: what spreads work over executors; what the work is belongs to the library.
 */
package dev.stockpot.spark;
