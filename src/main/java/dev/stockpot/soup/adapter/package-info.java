/**
 * The exact average of LoRA adapters: the sum of their changes is one adapter whose factors are theirs side by side, and whose
 * rank is the sum of their ranks. It may be reduced again, to the nearest adapter of a given rank.
 *
 * <p>What may enter: what adapters need to be averaged. What they are is known in {@code checkpoint.adapter}.
 */
package dev.stockpot.soup.adapter;
