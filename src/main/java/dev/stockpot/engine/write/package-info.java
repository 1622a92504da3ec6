/**
 * Outputs: a checkpoint that appears under its name whole or not at all. What may enter: what every format's output needs.
 */
package dev.stockpot.engine.write;
