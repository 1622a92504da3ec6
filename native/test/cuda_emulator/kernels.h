// The kernels by name.
#ifndef STOCKPOT_EMULATOR_KERNELS_H
#define STOCKPOT_EMULATOR_KERNELS_H

#include <stddef.h>

#include "grid.h"

namespace stockpot::emulator {

struct Kernel {
    const char* name;
    size_t argumentBytes;
    void (*run)(const void* arguments, Size grid, Size block, size_t shared);
};

// Null if there is none.
const Kernel* findKernel(const char* name);

}  // namespace stockpot::emulator

#endif  // STOCKPOT_EMULATOR_KERNELS_H
