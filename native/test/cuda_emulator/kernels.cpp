// The kernels of native/cuda, compiled for the emulated card.
#include "kernels.h"

#include <string.h>

#include "../../cuda/kernels.cu"

namespace stockpot::emulator {

namespace {

template <class Arguments, void (*kernel)(const Arguments)>
void run(const void* bytes, Size grid, Size block) {
    Arguments arguments;
    memcpy(&arguments, bytes, sizeof arguments);
    runGrid(grid, block, [&] { kernel(arguments); });
}

const Kernel kKernels[] = {
    {"stockpot_mix_f32", sizeof(cuda::MixArguments), run<cuda::MixArguments, stockpot_mix_f32>},
    {"stockpot_mix_f64", sizeof(cuda::MixArguments), run<cuda::MixArguments, stockpot_mix_f64>},
    {"stockpot_dot", sizeof(cuda::DotArguments), run<cuda::DotArguments, stockpot_dot>},
};

}  // namespace

const Kernel* findKernel(const char* name) {
    for (const Kernel& kernel : kKernels) {
        if (strcmp(kernel.name, name) == 0) return &kernel;
    }
    return nullptr;
}

}  // namespace stockpot::emulator
