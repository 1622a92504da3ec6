/**
 * What a merge method is: its name, its parameters, and the steps in which it makes a tensor. The methods themselves are in
 * {@code merge.method}; a program can add its own.
 */
package dev.stockpot.merge;
