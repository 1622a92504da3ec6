#include "simd_scalar.h"
#define SP_TARGET scalar
#include "formula_kernel.inl"
