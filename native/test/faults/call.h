// Makes a call of the C library, or what befalls it instead.
#pragma once

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>

#include "plan.h"

namespace faults {

// Descriptors of files in the folders watched, by number: their paths.
const char* pathOf(int descriptor);
void opened(int descriptor, const char* path);
void closed(int descriptor);
void duplicated(int from, int to);

// A path from the root. The result is good until the thread's next call.
const char* absolute(int folder, const char* path);

// The function of that name in the C library; it is looked up once, or twice by two threads that come first.
template <class Function>
Function* following(Function*& known, const char* name) {
    if (known == nullptr) known = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
    return known;
}

template <class Result>
struct Failure {
    static Result value() { return (Result)-1; }
};
template <class Pointer>
struct Failure<Pointer*> {
    static Pointer* value() { return nullptr; }
};

// Whether the call of that name on that file goes on as asked; else its result is failed. Kills after it if so fated.
template <class Real>
auto make(const char* call, const char* path, Real real) -> decltype(real()) {
    Fault fault = next(call, path);
    if (fault.fate == Fate::fail) {
        errno = fault.error;
        return Failure<decltype(real())>::value();
    }
    auto result = real();
    if (fault.fate == Fate::killAfter) killProcess();
    return result;
}

// The same for one that moves bytes, of which there may be fewer.
template <class Real>
auto move(const char* call, const char* path, size_t bytes, Real real) -> decltype(real(bytes)) {
    Fault fault = next(call, path);
    if (fault.fate == Fate::fail) {
        errno = fault.error;
        return -1;
    }
    auto result = real(fault.fate == Fate::shorten && bytes > 1 ? bytes / 2 : bytes);
    if (fault.fate == Fate::killAfter) killProcess();
    return result;
}

}  // namespace faults

// The function of the C library that one of this library hides.
#define NEXT(name) (faults::following(next_##name, #name))
