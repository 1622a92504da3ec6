#include "simd_scalar.h"
#define SP_TARGET scalar
#include "dot_kernel.inl"
