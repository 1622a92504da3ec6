/**
 * What a person looks at after a run: one self-contained page with plots and tables, each plot as an SVG file too, and a
 * model card. Written for the command; runs only on request.
 *
 * <p>A report is a list of {@link dev.stockpot.report.Part}s; classes named {@code ...Parts} make them from results,
 * the others draw them. What may enter: another part.
 */
package dev.stockpot.report;
