#include "jit/compiled.h"
#include "simd_avx512.h"
#define SP_TARGET avx512
#define SP_COMPILES
#include "formula_kernel.inl"
