/**
 * What a merge method is: its name, its parameters, and the steps in which it makes a tensor. Part of the API.
 *
 * <p>The methods themselves are in {@code merge.method}; a program can add its own. What may enter: what every method has.
 */
@NullMarked
package dev.stockpot.merge;

import org.jspecify.annotations.NullMarked;
