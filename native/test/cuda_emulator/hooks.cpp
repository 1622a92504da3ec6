// How tests control and query the emulated card: from C++ through driver.h, from Java through the class CudaEmulator.
#include "card.h"
#include "driver.h"
#include "memory.h"

using namespace stockpot::emulator;

extern "C" {

void stockpot_emulator_reset(int64_t memory, int32_t devices, int32_t version) { card.reset(memory, devices, version); }
void stockpot_emulator_fail(int64_t n, int32_t code) {
    std::lock_guard<std::recursive_mutex> guard(card.lock);
    card.failCall = n;
    card.failCode = code;
}
void stockpot_emulator_order(int32_t order) {
    std::lock_guard<std::recursive_mutex> guard(card.lock);
    card.order = order;
}
int64_t stockpot_emulator_calls() { return card.calls; }
int64_t stockpot_emulator_violations() { return violations(); }
int64_t stockpot_emulator_live() { return card.live(); }
int64_t stockpot_emulator_uploaded() { return card.uploaded; }
int64_t stockpot_emulator_downloaded() { return card.downloaded; }
int64_t stockpot_emulator_launches() { return card.launches; }
int64_t stockpot_emulator_peak() { return (int64_t)deviceMemoryPeak(); }

// The same for Java's class CudaEmulator, named by JNI's rules; the first two arguments are unused.
#define JAVA(type, name) type Java_dev_stockpot_kernel_cuda_CudaEmulator_##name

JAVA(void, fail)(void*, void*, int64_t n, int32_t code) { stockpot_emulator_fail(n, code); }
JAVA(void, leaveFree)(void*, void*, int64_t bytes) {
    std::lock_guard<std::recursive_mutex> guard(card.lock);
    setDeviceMemory(deviceMemoryInUse() + (size_t)bytes);
    forgetPeak();
}
JAVA(void, setDevices)(void*, void*, int32_t count) { card.deviceCount = count; }
JAVA(void, setVersion)(void*, void*, int32_t version) { card.driverVersion = version; }
JAVA(int64_t, calls)(void*, void*) { return card.calls; }
JAVA(int64_t, violations)(void*, void*) { return violations(); }
JAVA(int64_t, live)(void*, void*) { return card.live(); }
JAVA(int64_t, uploaded)(void*, void*) { return card.uploaded; }
JAVA(int64_t, downloaded)(void*, void*) { return card.downloaded; }
JAVA(int64_t, accesses)(void*, void*) { return accesses(); }
JAVA(int64_t, launches)(void*, void*) { return card.launches; }
JAVA(int64_t, overlaps)(void*, void*) { return card.overlaps; }
JAVA(int64_t, inUse)(void*, void*) { return (int64_t)deviceMemoryInUse(); }
JAVA(int64_t, peak)(void*, void*) { return (int64_t)deviceMemoryPeak(); }
}
