/**
 * The loops over elements, and the memory that they work on; the only package that sees JavaCPP.
 *
 * <p>{@link dev.stockpot.kernel.Kernels} has two implementations: {@link dev.stockpot.kernel.JavaKernels} states the
 * numbers contract in plain Java and works everywhere; {@link dev.stockpot.kernel.CpuKernels} calls the C++ kernels of
 * {@code native/} for one instruction set and gives the same bits. {@link dev.stockpot.kernel.KernelSelection} picks.
 * Operands lie in a {@link dev.stockpot.kernel.Memory}: a {@link dev.stockpot.kernel.MappedFile}, a
 * {@link dev.stockpot.kernel.NativeMemory} or a Java buffer.
 */
package dev.stockpot.kernel;
