#define SP_TARGET scalar
#include "divergence_kernel.inl"
