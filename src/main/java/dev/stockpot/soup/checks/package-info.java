/**
 * What can be told before a soup is made, without a value being read: from the names, types and shapes of tensors, the names
 * of files, and the settings beside them. Each check is a class; {@link dev.stockpot.soup.checks.Checks} has them all.
 *
 * <p>What may enter: another reason why the average of some checkpoints would be no model, if it shows in their headers.
 */
package dev.stockpot.soup.checks;
