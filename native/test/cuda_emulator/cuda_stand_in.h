// Stands in for CUDA's keywords and intrinsics, so that a C++ compiler accepts the kernels of native/cuda as they are.
// Every access to device memory is checked, and threads really meet at barriers (see grid.h).
#ifndef STOCKPOT_CUDA_STAND_IN_H
#define STOCKPOT_CUDA_STAND_IN_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "grid.h"
#include "memory.h"

#define __global__
#define __shared__ static
#define __grid_constant__
#define __launch_bounds__(threads, blocks)
#define SP_DEVICE static inline

#define threadIdx (stockpot::emulator::current().thread)
#define blockIdx (stockpot::emulator::current().block)
#define blockDim (stockpot::emulator::current().blockSize)
#define gridDim (stockpot::emulator::current().gridSize)

struct uint2 {
    uint32_t x, y;
};
struct uint4 {
    uint32_t x, y, z, w;
};

namespace stockpot::cuda {

template <class To, class From>
inline To bitsAs(From from) {
    static_assert(sizeof(To) == sizeof(From));
    To to;
    memcpy(&to, &from, sizeof to);
    return to;
}

template <class T>
inline T load(const char* p) {
    T value = {};
    if (emulator::checkAccess(p, sizeof(T), "read")) memcpy(&value, p, sizeof value);
    return value;
}
template <class T>
inline void store(char* p, T value) {
    if (emulator::checkAccess(p, sizeof(T), "write")) memcpy(p, &value, sizeof value);
}

inline void countOne(char* p) { store<uint32_t>(p, load<uint32_t>(p) + 1); }

template <class T>
inline T loadShared(int at) {
    T value = {};
    if (const char* p = emulator::launchMemory(at, sizeof(T))) memcpy(&value, p, sizeof value);
    return value;
}
template <class T>
inline void storeShared(int at, T value) {
    if (char* p = emulator::launchMemory(at, sizeof(T))) memcpy(p, &value, sizeof value);
}

inline float halfToFloat(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000) << 16;
    uint32_t exponent = h >> 10 & 31;
    uint32_t fraction = h & 0x3FF;
    if (exponent == 31) return bitsAs<float>(sign | 0x7F800000 | fraction << 13);
    if (exponent == 0) return bitsAs<float>(sign | bitsAs<uint32_t>((float)fraction * 0x1p-24f));
    return bitsAs<float>(sign | (exponent + 112) << 23 | fraction << 13);
}

inline uint32_t __float_as_uint(float x) { return bitsAs<uint32_t>(x); }
inline float __uint_as_float(uint32_t x) { return bitsAs<float>(x); }
inline long long __double_as_longlong(double x) { return bitsAs<long long>(x); }
inline double __longlong_as_double(long long x) { return bitsAs<double>(x); }
inline float __double2float_rn(double x) { return (float)x; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dsub_rn(double a, double b) { return a - b; }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __ddiv_rn(double a, double b) { return a / b; }
inline double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }

inline void __syncthreads() { emulator::meetBlock(); }
inline double __shfl_down_sync(uint32_t mask, double value, int delta) {
    return emulator::shuffleDown(mask, value, delta);
}

}  // namespace stockpot::cuda

#endif  // STOCKPOT_CUDA_STAND_IN_H
