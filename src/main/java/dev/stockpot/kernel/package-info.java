/**
 * The loops over elements, and nothing else. {@link dev.stockpot.kernel.Kernels} has three implementations: {@link
 * dev.stockpot.kernel.JavaKernels} states the numbers contract (docs/numbers.md) in plain Java and works everywhere;
 * {@link dev.stockpot.kernel.CpuKernels} calls the C++ of {@code native/cpu} for one instruction set; {@code
 * kernel.cuda} has those of a GPU. All compute the same bits.
 *
 * <p>What may enter: another loop, with its definition in plain Java, or another instruction set. Only the engine calls
 * kernels, besides the code that compares or measures them.
 */
package dev.stockpot.kernel;
