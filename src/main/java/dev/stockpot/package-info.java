/**
 * Model soups: the weights of many fine-tuned checkpoints averaged into one model. Start at {@link
 * dev.stockpot.Stockpot}.
 *
 * <p>Contains the entry point, the evaluators that come with Stockpot, and {@link dev.stockpot.Session}. The API is this
 * package and {@code error}, {@code tensor}, {@code run}, {@code checkpoint}, {@code evaluate}, {@code soup}, {@code
 * soup.options} and {@code diagnose}; everything else may change, and the module does not export it. What may enter: a
 * method that only delegates to a package below.
 *
 * <p>What the library changes in its process: loading the native library installs a SIGBUS handler, which passes on every
 * fault but those of its own kernels; the first checkpoint that needs temporary copies of its values registers a shutdown
 * hook and a cleaner thread that delete them; the {@code torchscript:} evaluator sets libtorch's number of threads. JavaCPP
 * starts a thread with the native library, which keeps the class loader that loaded it; a server that unloads programs sets
 * the system property {@code org.bytedeco.javacpp.noPointerGC} to {@code true}, unless it uses {@code torchscript:}.
 */
@NullMarked
package dev.stockpot;

import org.jspecify.annotations.NullMarked;
