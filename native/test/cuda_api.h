// The functions of CUDA's driver that tests call on the emulated card.
#ifndef STOCKPOT_CUDA_API_H
#define STOCKPOT_CUDA_API_H

#include <stddef.h>
#include <stdint.h>

extern "C" {
int cuInit(unsigned);
int cuDevicePrimaryCtxRetain(void**, int);
int cuDevicePrimaryCtxRelease_v2(int);
int cuCtxPushCurrent_v2(void*);
int cuModuleLoadData(void**, const void*);
int cuModuleGetFunction(void**, void*, const char*);
int cuMemAlloc_v2(uint64_t*, size_t);
int cuMemFree_v2(uint64_t);
int cuMemHostAlloc(void**, size_t, unsigned);
int cuMemFreeHost(void*);
int cuStreamCreate(void**, unsigned);
int cuStreamSynchronize(void*);
int cuMemsetD32Async(uint64_t, unsigned, size_t, void*);
int cuMemcpyHtoDAsync_v2(uint64_t, const void*, size_t, void*);
int cuMemcpyDtoHAsync_v2(void*, uint64_t, size_t, void*);
int cuLaunchKernel(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*, void**, void**);
}

#endif  // STOCKPOT_CUDA_API_H
