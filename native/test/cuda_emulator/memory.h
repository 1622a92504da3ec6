// The emulated card's memory, the host memory that is pinned for it, and what went wrong with either.
#ifndef STOCKPOT_EMULATOR_MEMORY_H
#define STOCKPOT_EMULATOR_MEMORY_H

#include <stddef.h>
#include <stdint.h>

namespace stockpot::emulator {

enum Kind { kDevice, kPinned };

// Memory filled with a pattern that no test takes for values; device memory is used up in granules of 2 MiB. Null if
// `kind` is kDevice and too little is left.
void* allocate(Kind kind, size_t bytes);

// Frees an allocation; false if there is none. From now on an access to it is a violation.
bool release(Kind kind, void* start);

// Whether [p, p + bytes) is in one allocation.
bool holds(Kind kind, const void* p, size_t bytes);

// Checks that a kernel may access these bytes of device or pinned memory: in bounds, and aligned to their own size.
bool checkAccess(const void* p, size_t bytes, const char* what);

// Notes something that a card would fail on, or silently do wrong.
void violate(const char* what);

void setDeviceMemory(size_t bytes);
size_t deviceMemory();
size_t deviceMemoryInUse();
size_t deviceMemoryPeak();
void forgetPeak();
size_t liveAllocations();
int64_t violations();

// Loads and stores of kernels.
int64_t accesses();

// Forgets all allocations and violations.
void resetMemory();

}  // namespace stockpot::emulator

#endif  // STOCKPOT_EMULATOR_MEMORY_H
