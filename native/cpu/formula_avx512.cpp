#include "simd_avx512.h"
#define SP_TARGET avx512
#include "formula_kernel.inl"
