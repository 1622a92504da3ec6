#include "simd_avx2.h"
#define SP_TARGET avx2
#include "formula_kernel.inl"
