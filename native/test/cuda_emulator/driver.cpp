// The functions of CUDA's driver that Stockpot calls, for a card that is not there. What is asynchronous on a card
// waits here in its stream until somebody synchronizes: a copy that is used too early, or memory that is reused or
// freed too early, gives wrong values or a violation every time rather than now and then.
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "kernels.h"
#include "memory.h"

using namespace stockpot::emulator;

namespace {

enum Result {
    kSuccess = 0,
    kInvalidValue = 1,
    kOutOfMemory = 2,
    kNotInitialized = 3,
    kNoDevice = 100,
    kInvalidDevice = 101,
    kInvalidContext = 201,
    kInvalidHandle = 400,
    kNotFound = 500,
    kIllegalAddress = 700,
};

struct Stream {
    std::deque<std::function<void()>> queue;
    int lost = 0;  // the error with which work of it was lost: it says so from then on
};

struct Event {
    Stream* stream = nullptr;
    bool reached = true;
};

std::recursive_mutex lock;
bool initialized;
int32_t deviceCount = 1;
int32_t driverVersion = 13000;
int64_t calls;
int64_t failCall;
int32_t failCode;
int64_t uploaded, downloaded, launches;
int64_t overlaps;  // waits for a stream during which another one had work to do
int contexts;
std::set<void*> modules;
std::map<void*, std::unique_ptr<Stream>> streams;
std::map<void*, std::shared_ptr<Event>> events;
thread_local std::vector<void*> currentContexts;
char theContext;

void runNext(Stream* stream) {
    std::function<void()> next = std::move(stream->queue.front());
    stream->queue.pop_front();
    next();
}

void runAll(Stream* stream) {
    while (!stream->queue.empty()) runNext(stream);
}

void runUntil(Event& event) {
    while (!event.reached && !event.stream->queue.empty()) runNext(event.stream);
}

// Makes one call: counts it, fails it if it is its turn, and lets only one in at a time. `always` says that it does its
// work even where it fails, as the calls do that give something back.
int call(bool needsContext, bool always, const std::function<int()>& work) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    calls++;
    if (failCall != 0 && --failCall == 0) {
        if (always) {
            work();
            return failCode;
        }
        // As after a fault of a card, what is under way is lost, and whoever waits for it hears of it.
        for (auto& stream : streams) {
            if (!stream.second->queue.empty()) stream.second->lost = failCode;
            stream.second->queue.clear();
        }
        return failCode;
    }
    if (needsContext && currentContexts.empty()) {
        violate("a call without a current context");
        return kInvalidContext;
    }
    // A card that failed once fails until the process ends.
    if (violations() > 0 && needsContext && !always) return kIllegalAddress;
    int64_t before = violations();
    int result = work();
    return result == kSuccess && violations() > before ? kIllegalAddress : result;
}

Stream* find(void* handle) {
    auto at = streams.find(handle);
    if (at == streams.end()) {
        violate("a stream that is not there");
        return nullptr;
    }
    return at->second.get();
}

const char* nameOf(int code) {
    static const std::map<int, const char*> names = {
        {0, "CUDA_SUCCESS"},
        {1, "CUDA_ERROR_INVALID_VALUE"},
        {2, "CUDA_ERROR_OUT_OF_MEMORY"},
        {3, "CUDA_ERROR_NOT_INITIALIZED"},
        {46, "CUDA_ERROR_DEVICE_UNAVAILABLE"},
        {100, "CUDA_ERROR_NO_DEVICE"},
        {101, "CUDA_ERROR_INVALID_DEVICE"},
        {200, "CUDA_ERROR_INVALID_IMAGE"},
        {201, "CUDA_ERROR_INVALID_CONTEXT"},
        {209, "CUDA_ERROR_NO_BINARY_FOR_GPU"},
        {214, "CUDA_ERROR_ECC_UNCORRECTABLE"},
        {222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION"},
        {400, "CUDA_ERROR_INVALID_HANDLE"},
        {500, "CUDA_ERROR_NOT_FOUND"},
        {700, "CUDA_ERROR_ILLEGAL_ADDRESS"},
        {701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"},
        {719, "CUDA_ERROR_LAUNCH_FAILED"},
        {999, "CUDA_ERROR_UNKNOWN"},
    };
    auto at = names.find(code);
    return at == names.end() ? nullptr : at->second;
}

void reset(int64_t memory, int32_t devices, int32_t version) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    streams.clear();
    events.clear();
    modules.clear();
    contexts = 0;
    calls = failCall = uploaded = downloaded = launches = 0;
    deviceCount = devices;
    driverVersion = version;
    resetMemory();
    setDeviceMemory((size_t)memory);
}

int64_t live() { return (int64_t)(liveAllocations() + streams.size() + events.size() + modules.size()) + contexts; }

struct AtStart {
    AtStart() {
        if (const char* text = getenv("STOCKPOT_EMULATED_MEMORY")) setDeviceMemory((size_t)atoll(text));
        if (const char* text = getenv("STOCKPOT_EMULATED_DEVICES")) deviceCount = atoi(text);
        if (const char* text = getenv("STOCKPOT_EMULATED_VERSION")) driverVersion = atoi(text);
        if (const char* text = getenv("STOCKPOT_EMULATED_FAILURE")) {
            long long n = 0;
            if (sscanf(text, "%lld:%d", &n, &failCode) == 2) failCall = n;
        }
    }
    ~AtStart() {
        if (live() != 0) fprintf(stderr, "emulated card: %lld objects were not given back\n", (long long)live());
    }
} atStart;

}  // namespace

extern "C" {

int cuInit(unsigned) {
    return call(false, false, [&]() -> int {
        initialized = true;
        return deviceCount == 0 ? kNoDevice : kSuccess;
    });
}

int cuDriverGetVersion(int* version) {
    return call(false, false, [&]() -> int {
        *version = driverVersion;
        return kSuccess;
    });
}

int cuDeviceGetCount(int* count) {
    return call(false, false, [&]() -> int {
        *count = deviceCount;
        return initialized ? kSuccess : kNotInitialized;
    });
}

int cuDeviceGet(int* device, int ordinal) {
    return call(false, false, [&]() -> int {
        *device = ordinal;
        return ordinal >= 0 && ordinal < deviceCount ? kSuccess : kInvalidDevice;
    });
}

int cuDeviceGetName(char* name, int length, int) {
    return call(false, false, [&]() -> int {
        snprintf(name, (size_t)length, "Emulated card");
        return kSuccess;
    });
}

int cuDeviceGetAttribute(int* value, int attribute, int) {
    return call(false, false, [&]() -> int {
        switch (attribute) {
            case 16:  // multiprocessors
                *value = 2;
                return kSuccess;
            case 36:  // memory clock, kHz
                *value = 1000000;
                return kSuccess;
            case 37:  // memory bus, bits
                *value = 512;
                return kSuccess;
            case 75:  // compute capability
                *value = 9;
                return kSuccess;
            case 76:
                *value = 0;
                return kSuccess;
            default:
                return kInvalidValue;
        }
    });
}

int cuDeviceTotalMem_v2(size_t* bytes, int) {
    return call(false, false, [&]() -> int {
        *bytes = deviceMemory();
        return kSuccess;
    });
}

int cuDevicePrimaryCtxRetain(void** context, int) {
    return call(false, false, [&]() -> int {
        *context = &theContext;
        contexts++;
        return kSuccess;
    });
}

int cuDevicePrimaryCtxRelease_v2(int) {
    return call(false, true, [&]() -> int {
        contexts--;
        return kSuccess;
    });
}

int cuCtxPushCurrent_v2(void* context) {
    return call(false, false, [&]() -> int {
        if (contexts == 0) violate("a context that was released is made current");
        currentContexts.push_back(context);
        return kSuccess;
    });
}

int cuCtxPopCurrent_v2(void** context) {
    return call(true, true, [&]() -> int {
        *context = currentContexts.back();
        currentContexts.pop_back();
        return kSuccess;
    });
}

int cuMemGetInfo_v2(size_t* available, size_t* total) {
    return call(true, false, [&]() -> int {
        *total = deviceMemory();
        *available = deviceMemory() - deviceMemoryInUse();
        return kSuccess;
    });
}

int cuModuleLoadData(void** module, const void*) {
    return call(true, false, [&]() -> int {
        *module = malloc(1);
        modules.insert(*module);
        return kSuccess;
    });
}

int cuModuleGetFunction(void** function, void* module, const char* name) {
    return call(true, false, [&]() -> int {
        if (modules.count(module) == 0) return kInvalidHandle;
        *function = (void*)findKernel(name);
        return *function == nullptr ? kNotFound : kSuccess;
    });
}

int cuModuleUnload(void* module) {
    return call(true, true, [&]() -> int {
        if (modules.erase(module) == 0) return kInvalidHandle;
        free(module);
        return kSuccess;
    });
}

int cuMemAlloc_v2(uint64_t* address, size_t bytes) {
    return call(true, false, [&]() -> int {
        if (bytes == 0) return kInvalidValue;
        *address = (uint64_t)allocate(kDevice, bytes);
        return *address == 0 ? kOutOfMemory : kSuccess;
    });
}

int cuMemFree_v2(uint64_t address) {
    return call(true, true, [&]() -> int { return release(kDevice, (void*)address) ? kSuccess : kInvalidValue; });
}

int cuMemHostAlloc(void** address, size_t bytes, unsigned) {
    return call(true, false, [&]() -> int {
        if (bytes == 0) return kInvalidValue;
        *address = allocate(kPinned, bytes);
        return *address == nullptr ? kOutOfMemory : kSuccess;
    });
}

int cuMemFreeHost(void* address) {
    return call(true, true, [&]() -> int { return release(kPinned, address) ? kSuccess : kInvalidValue; });
}

int cuStreamCreate(void** stream, unsigned) {
    return call(true, false, [&]() -> int {
        auto created = std::make_unique<Stream>();
        *stream = created.get();
        streams[*stream] = std::move(created);
        return kSuccess;
    });
}

int cuStreamDestroy_v2(void* stream) {
    return call(true, true, [&]() -> int {
        Stream* found = find(stream);
        if (found == nullptr) return kInvalidHandle;
        runAll(found);
        streams.erase(stream);
        return kSuccess;
    });
}

int cuStreamSynchronize(void* stream) {
    return call(true, false, [&]() -> int {
        Stream* found = find(stream);
        if (found == nullptr) return kInvalidHandle;
        if (!found->queue.empty()) {
            for (auto& other : streams) overlaps += other.first != stream && !other.second->queue.empty();
        }
        runAll(found);
        return found->lost;
    });
}

int cuEventCreate(void** event, unsigned) {
    return call(true, false, [&]() -> int {
        auto created = std::make_shared<Event>();
        *event = created.get();
        events[*event] = created;
        return kSuccess;
    });
}

int cuEventDestroy_v2(void* event) {
    return call(true, true, [&]() -> int { return events.erase(event) == 1 ? kSuccess : kInvalidHandle; });
}

int cuEventRecord(void* event, void* stream) {
    return call(true, false, [&]() -> int {
        auto at = events.find(event);
        Stream* found = find(stream);
        if (at == events.end() || found == nullptr) return kInvalidHandle;
        std::shared_ptr<Event> recorded = at->second;
        recorded->stream = found;
        recorded->reached = false;
        found->queue.push_back([recorded] { recorded->reached = true; });
        return kSuccess;
    });
}

int cuEventSynchronize(void* event) {
    return call(true, false, [&]() -> int {
        auto at = events.find(event);
        if (at == events.end()) return kInvalidHandle;
        runUntil(*at->second);
        return kSuccess;
    });
}

int cuStreamWaitEvent(void* stream, void* event, unsigned) {
    return call(true, false, [&]() -> int {
        auto at = events.find(event);
        Stream* found = find(stream);
        if (at == events.end() || found == nullptr) return kInvalidHandle;
        std::shared_ptr<Event> awaited = at->second;
        found->queue.push_back([awaited] { runUntil(*awaited); });
        return kSuccess;
    });
}

// From pageable memory the driver copies at once to memory of its own; from pinned memory the card reads when it is its
// turn.
int cuMemcpyHtoDAsync_v2(uint64_t to, const void* from, size_t bytes, void* stream) {
    return call(true, false, [&]() -> int {
        Stream* found = find(stream);
        if (found == nullptr) return kInvalidHandle;
        bool pinned = holds(kPinned, from, bytes);
        auto copy = std::make_shared<std::vector<char>>();
        if (!pinned) copy->assign((const char*)from, (const char*)from + bytes);
        uploaded += (int64_t)bytes;
        found->queue.push_back([=] {
            if (!holds(kDevice, (void*)to, bytes)) return violate("a copy to memory that the card does not have");
            if (pinned && !holds(kPinned, from, bytes)) return violate("a copy from pinned memory that was freed");
            memcpy((void*)to, pinned ? from : copy->data(), bytes);
        });
        return kSuccess;
    });
}

int cuMemcpyDtoHAsync_v2(void* to, uint64_t from, size_t bytes, void* stream) {
    return call(true, false, [&]() -> int {
        Stream* found = find(stream);
        if (found == nullptr) return kInvalidHandle;
        bool pinned = holds(kPinned, to, bytes);
        downloaded += (int64_t)bytes;
        found->queue.push_back([=] {
            if (!holds(kDevice, (void*)from, bytes)) return violate("a copy from memory that the card does not have");
            if (pinned && !holds(kPinned, to, bytes)) return violate("a copy to pinned memory that was freed");
            memcpy(to, (void*)from, bytes);
        });
        return kSuccess;
    });
}

int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, void* stream) {
    return call(true, false, [&]() -> int {
        Stream* found = find(stream);
        if (found == nullptr) return kInvalidHandle;
        found->queue.push_back([=] {
            bool both = holds(kDevice, (void*)to, bytes) && holds(kDevice, (void*)from, bytes);
            if (!both) return violate("a copy in memory that the card does not have");
            memmove((void*)to, (void*)from, bytes);
        });
        return kSuccess;
    });
}

int cuLaunchKernel(void* function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,
                   unsigned blockZ, unsigned, void* stream, void** parameters, void**) {
    return call(true, false, [&]() -> int {
        Stream* found = find(stream);
        if (found == nullptr) return kInvalidHandle;
        bool possible = gridX > 0 && gridY > 0 && gridY < 65536 && gridZ == 1 && blockX > 0 && blockX <= 1024;
        if (!possible || blockY != 1 || blockZ != 1 || gridX > 0x7FFFFFFF) return kInvalidValue;
        const Kernel* kernel = (const Kernel*)function;
        // The arguments are the driver's from here on.
        const char* bytes = (const char*)parameters[0];
        std::vector<char> arguments(bytes, bytes + kernel->argumentBytes);
        launches++;
        found->queue.push_back([=] { kernel->run(arguments.data(), {gridX, gridY, 1}, {blockX, 1, 1}); });
        return kSuccess;
    });
}

int cuGetErrorName(int code, const char** name) {
    *name = nameOf(code);
    return *name == nullptr ? kInvalidValue : kSuccess;
}

int cuGetErrorString(int code, const char** text) { return cuGetErrorName(code, text); }

void stockpot_emulator_reset(int64_t memory, int32_t devices, int32_t version) { reset(memory, devices, version); }
void stockpot_emulator_fail(int64_t n, int32_t code) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    failCall = n;
    failCode = code;
}
int64_t stockpot_emulator_calls() { return calls; }
int64_t stockpot_emulator_violations() { return violations(); }
int64_t stockpot_emulator_live() { return live(); }
int64_t stockpot_emulator_uploaded() { return uploaded; }
int64_t stockpot_emulator_downloaded() { return downloaded; }
int64_t stockpot_emulator_launches() { return launches; }
int64_t stockpot_emulator_peak() { return (int64_t)deviceMemoryPeak(); }

// The same for Java's class CudaEmulator, by JNI's rules for names; the first two arguments are of no use here.
#define JAVA(type, name) type Java_dev_stockpot_kernel_cuda_CudaEmulator_##name

JAVA(void, fail)(void*, void*, int64_t n, int32_t code) { stockpot_emulator_fail(n, code); }
JAVA(void, leaveFree)(void*, void*, int64_t bytes) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    setDeviceMemory(deviceMemoryInUse() + (size_t)bytes);
    forgetPeak();
}
JAVA(void, setDevices)(void*, void*, int32_t count) { deviceCount = count; }
JAVA(void, setVersion)(void*, void*, int32_t version) { driverVersion = version; }
JAVA(int64_t, calls)(void*, void*) { return calls; }
JAVA(int64_t, violations)(void*, void*) { return violations(); }
JAVA(int64_t, live)(void*, void*) { return live(); }
JAVA(int64_t, uploaded)(void*, void*) { return uploaded; }
JAVA(int64_t, downloaded)(void*, void*) { return downloaded; }
JAVA(int64_t, launches)(void*, void*) { return launches; }
JAVA(int64_t, overlaps)(void*, void*) { return overlaps; }
JAVA(int64_t, inUse)(void*, void*) { return (int64_t)deviceMemoryInUse(); }
JAVA(int64_t, peak)(void*, void*) { return (int64_t)deviceMemoryPeak(); }
}
