/**
 * What a person looks at after a run: one self-contained page with plots and tables, each plot as an SVG file too, and a
 * model card. Written for the command; nothing of it runs without being asked for.
 *
 * <p>A report is a list of {@link dev.stockpot.report.Part}s; classes named {@code ...Parts} make them of results, the
 * others draw them. What may enter: another part.
 */
package dev.stockpot.report;
