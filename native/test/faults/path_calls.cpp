// Calls that name a file by its path.
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "call.h"

using faults::absolute;
using faults::make;
using faults::opened;

#define EXPORT extern "C" __attribute__((visibility("default")))

// Defines NAME(path, ARGUMENT), which is counted as CALL.
#define ON_PATH(result, name, call, type)                                                  \
    static result (*next_##name)(const char*, type);                                       \
    EXPORT result name(const char* path, type argument) {                                  \
        return make(call, absolute(-1, path), [&] { return NEXT(name)(path, argument); }); \
    }

#define ON_PATH_ALONE(result, name, call)                                        \
    static result (*next_##name)(const char*);                                   \
    EXPORT result name(const char* path) {                                       \
        return make(call, absolute(-1, path), [&] { return NEXT(name)(path); }); \
    }

// Defines NAME(path, flags, mode), the mode being there only if the flags want one.
#define OPEN(name)                                                                     \
    static int (*next_##name)(const char*, int, ...);                                  \
    EXPORT int name(const char* path, int flags, ...) {                                \
        va_list list;                                                                  \
        va_start(list, flags);                                                         \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0; \
        va_end(list);                                                                  \
        const char* file = absolute(-1, path);                                         \
        int made = make("open", file, [&] { return NEXT(name)(path, flags, mode); });  \
        if (made >= 0) opened(made, file);                                             \
        return made;                                                                   \
    }

#define OPEN_AT(name)                                                                         \
    static int (*next_##name)(int, const char*, int, ...);                                    \
    EXPORT int name(int folder, const char* path, int flags, ...) {                           \
        va_list list;                                                                         \
        va_start(list, flags);                                                                \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0;        \
        va_end(list);                                                                         \
        const char* file = absolute(folder, path);                                            \
        int made = make("open", file, [&] { return NEXT(name)(folder, path, flags, mode); }); \
        if (made >= 0) opened(made, file);                                                    \
        return made;                                                                          \
    }

OPEN(open)
OPEN(open64)
OPEN_AT(openat)
OPEN_AT(openat64)

ON_PATH(int, stat, "stat", struct stat*)
ON_PATH(int, stat64, "stat", struct stat64*)
ON_PATH(int, lstat, "stat", struct stat*)
ON_PATH(int, lstat64, "stat", struct stat64*)
ON_PATH(int, statfs, "statfs", struct statfs*)
ON_PATH(int, statvfs64, "statfs", struct statvfs64*)
ON_PATH(int, access, "access", int)
ON_PATH(int, mkdir, "mkdir", mode_t)
ON_PATH(int, chmod, "chmod", mode_t)
ON_PATH_ALONE(int, rmdir, "rmdir")
ON_PATH_ALONE(int, unlink, "unlink")
ON_PATH_ALONE(int, remove, "unlink")

static int (*next_fstatat64)(int, const char*, struct stat64*, int);
EXPORT int fstatat64(int folder, const char* path, struct stat64* result, int flags) {
    return make("stat", absolute(folder, path), [&] { return NEXT(fstatat64)(folder, path, result, flags); });
}

static int (*next_unlinkat)(int, const char*, int);
EXPORT int unlinkat(int folder, const char* path, int flags) {
    return make("unlink", absolute(folder, path), [&] { return NEXT(unlinkat)(folder, path, flags); });
}

static int (*next_rename)(const char*, const char*);
EXPORT int rename(const char* from, const char* to) {
    return make("rename", absolute(-1, from), [&] { return NEXT(rename)(from, to); });
}

static int (*next_renameat)(int, const char*, int, const char*);
EXPORT int renameat(int folder, const char* from, int other, const char* to) {
    return make("rename", absolute(folder, from), [&] { return NEXT(renameat)(folder, from, other, to); });
}

static int (*next_link)(const char*, const char*);
EXPORT int link(const char* from, const char* to) {
    return make("link", absolute(-1, from), [&] { return NEXT(link)(from, to); });
}

static char* (*next_realpath)(const char*, char*);
EXPORT char* realpath(const char* path, char* result) {
    return make("realpath", absolute(-1, path), [&] { return NEXT(realpath)(path, result); });
}

static DIR* (*next_opendir)(const char*);
EXPORT DIR* opendir(const char* path) {
    const char* folder = absolute(-1, path);
    DIR* made = make("opendir", folder, [&] { return NEXT(opendir)(path); });
    if (made != nullptr) opened(dirfd(made), folder);
    return made;
}

static struct dirent* (*next_readdir)(DIR*);
EXPORT struct dirent* readdir(DIR* folder) {
    return make("readdir", faults::pathOf(dirfd(folder)), [&] { return NEXT(readdir)(folder); });
}

static struct dirent64* (*next_readdir64)(DIR*);
EXPORT struct dirent64* readdir64(DIR* folder) {
    return make("readdir", faults::pathOf(dirfd(folder)), [&] { return NEXT(readdir64)(folder); });
}

static int (*next_closedir)(DIR*);
EXPORT int closedir(DIR* folder) {
    faults::closed(dirfd(folder));
    return NEXT(closedir)(folder);
}

// renameat2 is called by its number, as older C libraries lack it; and so, without a file, much else.
static long (*next_syscall)(long, ...);
EXPORT long syscall(long number, ...) {
    long a[6];
    va_list list;
    va_start(list, number);
    for (long& argument : a) argument = va_arg(list, long);
    va_end(list);
    auto real = [&] { return NEXT(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]); };
    if (number != SYS_renameat2) return real();
    return make("renameat2", absolute((int)a[0], (const char*)a[1]), real);
}
