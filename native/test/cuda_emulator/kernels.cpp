// The kernels of native/cuda, compiled for the emulated card.
#include "kernels.h"

#include <string.h>

#include "../../cuda/kernels.cu"

namespace stockpot::emulator {

namespace {

template <class Arguments, void (*kernel)(const Arguments)>
void run(const void* bytes, Size grid, Size block, size_t shared) {
    Arguments arguments;
    memcpy(&arguments, bytes, sizeof arguments);
    runGrid(grid, block, shared, [&] { kernel(arguments); });
}

const Kernel kKernels[] = {
    {"stockpot_mix_f32", sizeof(cuda::MixArguments), run<cuda::MixArguments, stockpot_mix_f32>},
    {"stockpot_mix_f64", sizeof(cuda::MixArguments), run<cuda::MixArguments, stockpot_mix_f64>},
    {"stockpot_dot", sizeof(cuda::DotArguments), run<cuda::DotArguments, stockpot_dot>},
    {"stockpot_formula_f32", sizeof(cuda::FormulaArguments), run<cuda::FormulaArguments, stockpot_formula_f32>},
    {"stockpot_formula_f64", sizeof(cuda::FormulaArguments), run<cuda::FormulaArguments, stockpot_formula_f64>},
};

}  // namespace

const Kernel* findKernel(const char* name) {
    for (const Kernel& kernel : kKernels) {
        if (strcmp(kernel.name, name) == 0) return &kernel;
    }
    return nullptr;
}

}  // namespace stockpot::emulator
