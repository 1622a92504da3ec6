/**
 * What a person looks at after a run: one self-contained page with plots and tables, each plot as an SVG file too, a model
 * card, and curves for TensorBoard. Written for the command; nothing of it runs without being asked for.
 */
package dev.stockpot.report;
