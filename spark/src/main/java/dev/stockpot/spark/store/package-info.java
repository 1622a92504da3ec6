/**
 * Hadoop's file systems as {@code java.nio.file} has them, for reading: what a checkpoint in HDFS or S3 is opened through. A
 * {@link dev.stockpot.spark.store.Stores} makes paths of names. What may enter: what another store needs.
 */
package dev.stockpot.spark.store;
