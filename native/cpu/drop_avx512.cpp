#define SP_TARGET avx512
#include "drop_kernel.inl"
