/**
 * Everything for CUDA: the kernels of {@code native/cuda} on an NVIDIA GPU, its memory, streams and driver. Three types are
 * for other rooms: {@link dev.stockpot.kernel.cuda.CudaKernels}, {@link dev.stockpot.kernel.cuda.CudaOptions} and {@link
 * dev.stockpot.kernel.cuda.CudaCheck}.
 *
 * <p>CUDA's presets are an optional dependency: nothing here is loaded before a GPU is requested. docs/cuda.md explains how
 * it works.
 *
 * <p>What may enter: a kernel of native/cuda, once plain Java defines it.
 */
package dev.stockpot.kernel.cuda;
