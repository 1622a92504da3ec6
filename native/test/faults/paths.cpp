// Which descriptors are of files in the folders watched.
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <atomic>
#include <string>

#include "call.h"

namespace faults {
namespace {

constexpr int kMost = 1 << 16;
std::atomic<const char*> paths[kMost];

bool isPossible(int descriptor) { return descriptor >= 0 && descriptor < kMost; }

}  // namespace

const char* pathOf(int descriptor) { return isPossible(descriptor) ? paths[descriptor].load() : nullptr; }

void opened(int descriptor, const char* path) {
    // Never freed: another thread may be using it, and there are few.
    if (isPossible(descriptor)) paths[descriptor] = watches(path) ? strdup(path) : nullptr;
}

void closed(int descriptor) {
    if (isPossible(descriptor)) paths[descriptor] = nullptr;
}

void duplicated(int from, int to) {
    if (isPossible(to)) paths[to] = pathOf(from);
}

const char* absolute(int folder, const char* path) {
    thread_local std::string whole;
    if (path == nullptr || path[0] == '/') return path;
    char start[PATH_MAX];
    if (folder >= 0) {
        const char* known = pathOf(folder);
        if (known == nullptr) return path;
        whole = known;
    } else {
        if (getcwd(start, sizeof start) == nullptr) return path;
        whole = start;
    }
    whole += '/';
    whole += path;
    return whole.c_str();
}

}  // namespace faults
