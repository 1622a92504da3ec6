// What the kernels need from the compiler: CUDA's own keywords under nvcc, stand-ins when the emulated driver of the
// tests compiles the same kernels as C++. Nothing else in this folder differs between the two.
#ifndef STOCKPOT_CUDA_PLATFORM_CUH
#define STOCKPOT_CUDA_PLATFORM_CUH

#include <stdint.h>

#ifdef __CUDACC__

#define SP_DEVICE static __device__ __forceinline__

namespace stockpot::cuda {

// The only ways in which kernels touch device memory; p is aligned to T.
template <class T>
SP_DEVICE T load(const char* p) {
    return *(const T*)p;
}
template <class T>
SP_DEVICE void store(char* p, T value) {
    *(T*)p = value;
}

// Adds 1 to a count in device memory, which other threads may add to as well.
SP_DEVICE void countOne(char* p) { atomicAdd((unsigned int*)p, 1u); }

// The shared memory that a launch asks for, by bytes from its start.
extern __shared__ double launchMemory[];
template <class T>
SP_DEVICE T loadShared(int at) {
    return *(const T*)((const char*)launchMemory + at);
}
template <class T>
SP_DEVICE void storeShared(int at, T value) {
    *(T*)((char*)launchMemory + at) = value;
}

SP_DEVICE float halfToFloat(uint16_t bits) {
    float x;
    asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(bits));
    return x;
}

}  // namespace stockpot::cuda

#else
#include "cuda_stand_in.h"
#endif

#endif  // STOCKPOT_CUDA_PLATFORM_CUH
