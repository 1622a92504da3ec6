#define SP_TARGET avx2
#include "divergence_kernel.inl"
