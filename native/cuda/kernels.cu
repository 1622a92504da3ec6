// All kernels. kThreads threads per block; four blocks share a multiprocessor's 65,536 registers, which leaves 64 per
// thread.
#include "dot.cuh"
#include "formula.cuh"
#include "mix.cuh"

using stockpot::cuda::DotArguments;
using stockpot::cuda::FormulaArguments;
using stockpot::cuda::kThreads;
using stockpot::cuda::MixArguments;

// Sums in F32: 16 elements per thread, so that F8 too is read 16 bytes at a time.
extern "C" __global__ void __launch_bounds__(kThreads, 4) stockpot_mix_f32(const __grid_constant__ MixArguments call) {
    stockpot::cuda::mix<float, stockpot::cuda::F32, 16>(call);
}

// Sums in F64: 8 elements per thread, which take the registers of 16 in F32.
extern "C" __global__ void __launch_bounds__(kThreads, 4) stockpot_mix_f64(const __grid_constant__ MixArguments call) {
    stockpot::cuda::mix<double, stockpot::cuda::F64, 8>(call);
}

extern "C" __global__ void __launch_bounds__(kThreads, 4) stockpot_dot(const __grid_constant__ DotArguments call) {
    stockpot::cuda::dot(call);
}

// Formulas: as many warps of a block as find room in its shared memory.
extern "C" __global__ void __launch_bounds__(kThreads, 4)
    stockpot_formula_f32(const __grid_constant__ FormulaArguments call) {
    stockpot::cuda::formula<float>(call);
}

extern "C" __global__ void __launch_bounds__(kThreads, 4)
    stockpot_formula_f64(const __grid_constant__ FormulaArguments call) {
    stockpot::cuda::formula<double>(call);
}
