/**
 * Outputs: a checkpoint that appears under its name whole or not at all. All access to the file system goes through
 * {@link dev.stockpot.engine.write.OutputFiles}, in which a test can make any call fail. What may enter: what every
 * format's output needs.
 */
package dev.stockpot.engine.write;
