// Arithmetic in the accumulator's type, each operation rounded once to nearest even and none fused by the compiler.
#ifndef STOCKPOT_CUDA_ARITHMETIC_CUH
#define STOCKPOT_CUDA_ARITHMETIC_CUH

#include "platform.cuh"

namespace stockpot::cuda {

SP_DEVICE float add(float a, float b) { return __fadd_rn(a, b); }
SP_DEVICE float subtract(float a, float b) { return __fsub_rn(a, b); }
SP_DEVICE float multiply(float a, float b) { return __fmul_rn(a, b); }
SP_DEVICE float multiplyAdd(float a, float b, float c) { return __fmaf_rn(a, b, c); }
SP_DEVICE float divide(float a, float b) { return __fdiv_rn(a, b); }
SP_DEVICE float magnitude(float x) { return __uint_as_float(__float_as_uint(x) & 0x7FFFFFFFu); }
SP_DEVICE double add(double a, double b) { return __dadd_rn(a, b); }
SP_DEVICE double subtract(double a, double b) { return __dsub_rn(a, b); }
SP_DEVICE double multiply(double a, double b) { return __dmul_rn(a, b); }
SP_DEVICE double multiplyAdd(double a, double b, double c) { return __fma_rn(a, b, c); }
SP_DEVICE double divide(double a, double b) { return __ddiv_rn(a, b); }
SP_DEVICE double magnitude(double x) { return __longlong_as_double(__double_as_longlong(x) & 0x7FFFFFFFFFFFFFFFll); }

SP_DEVICE float toFloat(float x) { return x; }
SP_DEVICE float toFloat(double x) { return __double2float_rn(x); }

// x in the accumulator's type.
template <class T>
SP_DEVICE T narrowed(double x) {
    if constexpr (sizeof(T) == 8) {
        return x;
    } else {
        return __double2float_rn(x);
    }
}

}  // namespace stockpot::cuda

#endif  // STOCKPOT_CUDA_ARITHMETIC_CUH
