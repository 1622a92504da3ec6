// Calls on an open file.
#include <fcntl.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include "call.h"

using faults::make;
using faults::move;
using faults::pathOf;

#define EXPORT extern "C" __attribute__((visibility("default")))

// Defines NAME(descriptor), which is counted as CALL.
#define ON_FILE_ALONE(name, call)                                          \
    static int (*next_##name)(int);                                        \
    EXPORT int name(int file) {                                            \
        return make(call, pathOf(file), [&] { return NEXT(name)(file); }); \
    }

#define ON_FILE(name, call, type)                                                    \
    static int (*next_##name)(int, type);                                            \
    EXPORT int name(int file, type argument) {                                       \
        return make(call, pathOf(file), [&] { return NEXT(name)(file, argument); }); \
    }

#define ON_BYTES(name, call, type)                                                                            \
    static ssize_t (*next_##name)(int, type, size_t);                                                         \
    EXPORT ssize_t name(int file, type bytes, size_t count) {                                                 \
        return move(call, pathOf(file), count, [&](size_t fewer) { return NEXT(name)(file, bytes, fewer); }); \
    }

#define ON_BYTES_AT(name, call, type)                                                                             \
    static ssize_t (*next_##name)(int, type, size_t, off64_t);                                                    \
    EXPORT ssize_t name(int file, type bytes, size_t count, off64_t at) {                                         \
        return move(call, pathOf(file), count, [&](size_t fewer) { return NEXT(name)(file, bytes, fewer, at); }); \
    }

ON_FILE_ALONE(fsync, "fsync")
ON_FILE_ALONE(fdatasync, "fsync")
ON_FILE(fstat, "fstat", struct stat*)
ON_FILE(fstat64, "fstat", struct stat64*)
ON_FILE(fstatvfs64, "statfs", struct statvfs64*)
ON_FILE(ftruncate, "ftruncate", off64_t)
ON_FILE(ftruncate64, "ftruncate", off64_t)
ON_FILE(fchmod, "chmod", mode_t)
ON_BYTES(read, "read", void*)
ON_BYTES(write, "write", const void*)
ON_BYTES_AT(pread, "read", void*)
ON_BYTES_AT(pread64, "read", void*)
ON_BYTES_AT(pwrite, "write", const void*)
ON_BYTES_AT(pwrite64, "write", const void*)

static ssize_t (*next_readv)(int, const struct iovec*, int);
EXPORT ssize_t readv(int file, const struct iovec* parts, int count) {
    return move("read", pathOf(file), (size_t)count,
                [&](size_t fewer) { return NEXT(readv)(file, parts, (int)fewer); });
}

static ssize_t (*next_writev)(int, const struct iovec*, int);
EXPORT ssize_t writev(int file, const struct iovec* parts, int count) {
    return move("write", pathOf(file), (size_t)count,
                [&](size_t fewer) { return NEXT(writev)(file, parts, (int)fewer); });
}

static ssize_t (*next_preadv2)(int, const struct iovec*, int, off64_t, int);
EXPORT ssize_t preadv2(int file, const struct iovec* parts, int count, off64_t at, int flags) {
    return move("read", pathOf(file), (size_t)count,
                [&](size_t fewer) { return NEXT(preadv2)(file, parts, (int)fewer, at, flags); });
}

static ssize_t (*next_sendfile64)(int, int, off64_t*, size_t);
EXPORT ssize_t sendfile64(int to, int from, off64_t* at, size_t count) {
    return move("sendfile", pathOf(from), count, [&](size_t fewer) { return NEXT(sendfile64)(to, from, at, fewer); });
}

static int (*next_sync_file_range)(int, off64_t, off64_t, unsigned);
EXPORT int sync_file_range(int file, off64_t at, off64_t bytes, unsigned flags) {
    return make("sync_file_range", pathOf(file), [&] { return NEXT(sync_file_range)(file, at, bytes, flags); });
}

static int (*next_fallocate)(int, int, off64_t, off64_t);
EXPORT int fallocate(int file, int mode, off64_t at, off64_t bytes) {
    return make("fallocate", pathOf(file), [&] { return NEXT(fallocate)(file, mode, at, bytes); });
}

static void* (*next_mmap)(void*, size_t, int, int, int, off64_t);
EXPORT void* mmap(void* address, size_t bytes, int protection, int flags, int file, off64_t at) {
    auto real = [&] { return NEXT(mmap)(address, bytes, protection, flags, file, at); };
    if (pathOf(file) == nullptr) return real();
    void* result = make("mmap", pathOf(file), real);
    return result == nullptr ? MAP_FAILED : result;
}

static void* (*next_mmap64)(void*, size_t, int, int, int, off64_t);
EXPORT void* mmap64(void* address, size_t bytes, int protection, int flags, int file, off64_t at) {
    auto real = [&] { return NEXT(mmap64)(address, bytes, protection, flags, file, at); };
    if (pathOf(file) == nullptr) return real();
    void* result = make("mmap", pathOf(file), real);
    return result == nullptr ? MAP_FAILED : result;
}

// Locks; other uses of fcntl pass.
#define CONTROL(name)                                                                           \
    static int (*next_##name)(int, int, ...);                                                   \
    EXPORT int name(int file, int what, ...) {                                                  \
        va_list list;                                                                           \
        va_start(list, what);                                                                   \
        void* argument = va_arg(list, void*);                                                   \
        va_end(list);                                                                           \
        auto real = [&] { return NEXT(name)(file, what, argument); };                           \
        return what == F_SETLK || what == F_SETLKW ? make("lock", pathOf(file), real) : real(); \
    }

CONTROL(fcntl)
CONTROL(fcntl64)

// Linux releases the descriptor whatever close says.
static int (*next_close)(int);
EXPORT int close(int file) {
    const char* path = pathOf(file);
    faults::closed(file);
    int result = NEXT(close)(file);
    int told = make("close", path, [&] { return result; });
    return told;
}

static int (*next_dup2)(int, int);
EXPORT int dup2(int from, int to) {
    int result = NEXT(dup2)(from, to);
    if (result >= 0) faults::duplicated(from, to);
    return result;
}
