#define SP_TARGET scalar
#include "drop_kernel.inl"
