#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <map>

namespace stockpot::emulator {

namespace {

constexpr size_t kAlignment = 256;
// A driver hands out whole granules, however few bytes are asked for.
constexpr size_t kGranule = 2 << 20;
constexpr int kShownViolations = 5;

// Bytes by start address, one map per kind.
std::map<uintptr_t, size_t> allocations[2];
size_t total = (size_t)1 << 30;
size_t inUse;
size_t peak;
int64_t found;
int64_t accessed;

// The allocation that was last accessed at an address of each hash.
struct Recent {
    uintptr_t start, end;
};
Recent recent[64];

const char* kName[] = {"device", "pinned"};

// Finds the allocation that holds [p, p + bytes); false if none does.
bool find(Kind kind, uintptr_t p, size_t bytes, Recent* where) {
    auto next = allocations[kind].upper_bound(p);
    if (next == allocations[kind].begin()) return false;
    auto at = std::prev(next);
    *where = {at->first, at->first + at->second};
    return p + bytes <= where->end && p + bytes >= p;
}

size_t granules(size_t bytes) { return (bytes + kGranule - 1) / kGranule * kGranule; }

}  // namespace

void* allocate(Kind kind, size_t bytes) {
    if (kind == kDevice && (total < inUse || granules(bytes) > total - inUse)) return nullptr;
    // A gap after each keeps neighbours apart, so that an access past an end never hits another allocation.
    void* start = aligned_alloc(kAlignment, (bytes + 2 * kAlignment - 1) & ~(kAlignment - 1));
    if (start == nullptr) return nullptr;
    memset(start, 0xA5, bytes);
    allocations[kind][(uintptr_t)start] = bytes;
    if (kind == kDevice) inUse += granules(bytes);
    if (inUse > peak) peak = inUse;
    return start;
}

bool release(Kind kind, void* start) {
    auto at = allocations[kind].find((uintptr_t)start);
    if (at == allocations[kind].end()) {
        char text[80];
        snprintf(text, sizeof text, "%s memory is freed twice, or was never allocated", kName[kind]);
        violate(text);
        return false;
    }
    if (kind == kDevice) inUse -= granules(at->second);
    allocations[kind].erase(at);
    memset(recent, 0, sizeof recent);
    free(start);
    return true;
}

bool holds(Kind kind, const void* p, size_t bytes) {
    Recent ignored;
    return find(kind, (uintptr_t)p, bytes, &ignored);
}

bool checkAccess(const void* p, size_t bytes, const char* what) {
    accessed++;
    uintptr_t at = (uintptr_t)p;
    Recent& near = recent[at >> 16 & 63];
    bool inside = (at >= near.start && at + bytes <= near.end) || find(kDevice, at, bytes, &near) ||
                  find(kPinned, at, bytes, &near);
    if (inside && at % bytes == 0) return true;
    char text[100];
    snprintf(text, sizeof text, "a kernel's %s of %zu bytes is %s", what, bytes,
             inside ? "misaligned" : "outside of any allocation");
    violate(text);
    return false;
}

void violate(const char* what) {
    if (found++ < kShownViolations) fprintf(stderr, "emulated card: %s\n", what);
}

void setDeviceMemory(size_t bytes) { total = bytes; }
size_t deviceMemory() { return total; }
size_t deviceMemoryInUse() { return inUse; }
size_t deviceMemoryPeak() { return peak; }
void forgetPeak() { peak = inUse; }
size_t liveAllocations() { return allocations[kDevice].size() + allocations[kPinned].size(); }
int64_t violations() { return found; }
int64_t accesses() { return accessed; }

void resetMemory() {
    for (auto& all : allocations) {
        for (auto& allocation : all) free((void*)allocation.first);
        all.clear();
    }
    memset(recent, 0, sizeof recent);
    inUse = peak = 0;
    found = 0;
}

}  // namespace stockpot::emulator
