#define SP_TARGET avx512
#include "divergence_kernel.inl"
