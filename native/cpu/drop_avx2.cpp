#define SP_TARGET avx2
#include "drop_kernel.inl"
