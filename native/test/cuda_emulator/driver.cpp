// The functions of CUDA's driver that Stockpot calls, for a card that does not exist. Work that is asynchronous on a
// card waits here in its stream until the caller synchronizes: a copy that is used too early, or memory that is reused
// or freed too early, causes wrong values or a violation every time rather than now and then.
#include <stdio.h>
#include <string.h>

#include <vector>

#include "card.h"
#include "kernels.h"
#include "memory.h"

using namespace stockpot::emulator;

namespace {

char theContext;

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

}  // namespace

extern "C" {

int cuInit(unsigned) {
    return call(false, false, [&]() -> int {
        card.initialized = true;
        return card.deviceCount == 0 ? kNoDevice : kSuccess;
    });
}

int cuDriverGetVersion(int* version) {
    return call(false, false, [&]() -> int {
        *version = card.driverVersion;
        return kSuccess;
    });
}

int cuDeviceGetCount(int* count) {
    return call(false, false, [&]() -> int {
        *count = card.deviceCount;
        return card.initialized ? kSuccess : kNotInitialized;
    });
}

int cuDeviceGet(int* device, int ordinal) {
    return call(false, false, [&]() -> int {
        *device = ordinal;
        return ordinal >= 0 && ordinal < card.deviceCount ? kSuccess : kInvalidDevice;
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

int cuDevicePrimaryCtxRetain(void** context, int) {
    return call(false, false, [&]() -> int {
        *context = &theContext;
        card.contexts++;
        return kSuccess;
    });
}

int cuDevicePrimaryCtxRelease_v2(int) {
    return call(false, true, [&]() -> int {
        card.contexts--;
        return kSuccess;
    });
}

int cuCtxPushCurrent_v2(void* context) {
    return call(false, false, [&]() -> int {
        if (card.contexts == 0) violate("a context that was released is made current");
        pushContext(context);
        return kSuccess;
    });
}

int cuCtxPopCurrent_v2(void** context) {
    return call(true, true, [&]() -> int {
        *context = popContext();
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
        *module = (void*)++card.modulesLoaded;
        card.modules.insert(*module);
        return kSuccess;
    });
}

int cuModuleGetFunction(void** function, void* module, const char* name) {
    return call(true, false, [&]() -> int {
        if (card.modules.count(module) == 0) return kInvalidHandle;
        *function = (void*)findKernel(name);
        return *function == nullptr ? kNotFound : kSuccess;
    });
}

int cuModuleUnload(void* module) {
    return call(true, true, [&]() -> int { return card.modules.erase(module) == 0 ? kInvalidHandle : kSuccess; });
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
        card.streams[*stream] = std::move(created);
        return kSuccess;
    });
}

int cuStreamDestroy_v2(void* stream) {
    return call(true, true, [&]() -> int {
        Stream* found = findStream(stream);
        if (found == nullptr) return kInvalidHandle;
        runAll(found);
        card.streams.erase(stream);
        return kSuccess;
    });
}

int cuStreamSynchronize(void* stream) {
    return call(true, false, [&]() -> int {
        Stream* found = findStream(stream);
        if (found == nullptr) return kInvalidHandle;
        if (!found->queue.empty()) {
            for (auto& other : card.streams) card.overlaps += other.first != stream && !other.second->queue.empty();
        }
        runAll(found);
        return found->lost;
    });
}

// The driver copies pageable memory at once to memory of its own; the card reads pinned memory when its turn comes.
int cuMemcpyHtoDAsync_v2(uint64_t to, const void* from, size_t bytes, void* stream) {
    return call(true, false, [&]() -> int {
        Stream* found = findStream(stream);
        if (found == nullptr) return kInvalidHandle;
        bool pinned = holds(kPinned, from, bytes);
        auto copy = std::make_shared<std::vector<char>>();
        if (!pinned) copy->assign((const char*)from, (const char*)from + bytes);
        card.uploaded += (int64_t)bytes;
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
        Stream* found = findStream(stream);
        if (found == nullptr) return kInvalidHandle;
        bool pinned = holds(kPinned, to, bytes);
        card.downloaded += (int64_t)bytes;
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
        Stream* found = findStream(stream);
        if (found == nullptr) return kInvalidHandle;
        found->queue.push_back([=] {
            bool both = holds(kDevice, (void*)to, bytes) && holds(kDevice, (void*)from, bytes);
            if (!both) return violate("a copy in memory that the card does not have");
            memmove((void*)to, (void*)from, bytes);
        });
        return kSuccess;
    });
}

int cuMemsetD32Async(uint64_t to, unsigned value, size_t words, void* stream) {
    return call(true, false, [&]() -> int {
        Stream* found = findStream(stream);
        if (found == nullptr || to % 4 != 0) return kInvalidValue;
        found->queue.push_back([=] {
            if (!holds(kDevice, (void*)to, words * 4)) return violate("memory is set that the card does not have");
            for (size_t n = 0; n < words; n++) memcpy((char*)to + n * 4, &value, 4);
        });
        return kSuccess;
    });
}

int cuLaunchKernel(void* function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,
                   unsigned blockZ, unsigned shared, void* stream, void** parameters, void**) {
    return call(true, false, [&]() -> int {
        Stream* found = findStream(stream);
        if (found == nullptr) return kInvalidHandle;
        bool possible = gridX > 0 && gridY > 0 && gridY < 65536 && gridZ == 1 && blockX > 0 && blockX <= 1024;
        possible &= shared <= 48 << 10;  // more needs an attribute that Stockpot does not set
        if (!possible || blockY != 1 || blockZ != 1 || gridX > 0x7FFFFFFF) return kInvalidValue;
        const Kernel* kernel = (const Kernel*)function;
        // The driver copies the arguments at the launch.
        const char* bytes = (const char*)parameters[0];
        std::vector<char> arguments(bytes, bytes + kernel->argumentBytes);
        const Order order = (Order)(card.order < 0 ? card.launches % kOrders : card.order);
        card.launches++;
        found->queue.push_back([=] {
            setOrder(order);
            kernel->run(arguments.data(), {gridX, gridY, 1}, {blockX, 1, 1}, shared);
        });
        return kSuccess;
    });
}

int cuGetErrorName(int code, const char** name) {
    *name = nameOf(code);
    return *name == nullptr ? kInvalidValue : kSuccess;
}

int cuGetErrorString(int code, const char** text) { return cuGetErrorName(code, text); }
}
