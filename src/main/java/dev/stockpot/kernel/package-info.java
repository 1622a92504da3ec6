/**
 * The loops over elements, and the memory that they work on; the only package that sees JavaCPP.
 *
 * <p>{@link dev.stockpot.kernel.Kernels} has three implementations: {@link dev.stockpot.kernel.JavaKernels} states the
 * numbers contract in plain Java and works everywhere; {@link dev.stockpot.kernel.CpuKernels} calls the C++ kernels of
 * {@code native/cpu} for one instruction set and gives the same bits, as {@link dev.stockpot.kernel.CudaKernels} does with
 * those of {@code native/cuda} on a GPU. {@link dev.stockpot.kernel.KernelSelection} and
 * {@link dev.stockpot.kernel.BackendChoice} pick.
 * Operands lie in a {@link dev.stockpot.kernel.Memory}: a {@link dev.stockpot.kernel.MappedFile}, a
 * {@link dev.stockpot.kernel.NativeMemory} or a Java buffer.
 */
package dev.stockpot.kernel;
