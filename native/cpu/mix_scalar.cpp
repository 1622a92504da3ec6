#include "simd_scalar.h"
#define SP_TARGET scalar
#include "mix_kernel.inl"
