// Allocations, and files as memory.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "guard.h"
#include "stockpot.h"

namespace {

constexpr int64_t kMapFrom = 1 << 20;
constexpr int64_t kPage = 4096;

// A fault on a mapped file brings in the cached pages around it, 64 KiB of them by the system's default. One touch per
// 64 KiB was measured at 0.7 of the time of MADV_POPULATE_READ, which walks every page once more.
constexpr int64_t kFaultAround = 64 << 10;

// With MADV_HUGEPAGE, a fault on a mapping reads 2 MiB of the file and starts reading the next 2 MiB, into large pages
// of the page cache, which are mapped as such at once: mapping and unmapping cached files took an eighth of the time.
// Since Linux 5.18.
bool faultsReadLargePages() {
    static const bool known = [] {
        struct utsname system;
        int major = 0, minor = 0;
        return uname(&system) == 0 && sscanf(system.release, "%d.%d", &major, &minor) == 2 &&
               (major > 5 || (major == 5 && minor >= 18));
    }();
    return known;
}

// Whole pages that hold [address, address + bytes), as madvise wants them.
struct Pages {
    Pages(sp_address address, int64_t bytes) {
        int64_t start = address & -(int64_t)sysconf(_SC_PAGESIZE);
        pointer = (void*)start;
        length = (size_t)(address + bytes - start);
    }
    void* pointer;
    size_t length;
};

// The most spans in one system call.
constexpr int kMostTogether = 64;

// Whether the system took all spans in one call. A process may advise itself this way since about Linux 6.13, and the
// processors are interrupted once for all spans since 6.16.
bool releaseTogether(const sp_address* addresses, const int64_t* bytes, int count) {
#ifdef SYS_process_madvise
    constexpr int kSelf = -10001;  // PIDFD_SELF_THREAD_GROUP, since Linux 6.14
    struct iovec spans[kMostTogether];
    size_t total = 0;
    for (int k = 0; k < count; k++) {
        Pages pages(addresses[k], bytes[k]);
        spans[k] = {pages.pointer, pages.length};
        total += pages.length;
    }
    return syscall(SYS_process_madvise, kSelf, spans, (size_t)count, MADV_DONTNEED, 0) == (long)total;
#else
    (void)addresses, (void)bytes, (void)count;
    return false;
#endif
}

}  // namespace

sp_address sp_allocate(int64_t bytes) {
    if (bytes < 0) return 0;
    if (bytes >= kMapFrom) {
        void* p = mmap(nullptr, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED) return 0;
        // A hint: most systems use large pages only on request.
        if (bytes >= SP_LARGE_PAGE) madvise(p, (size_t)bytes, MADV_HUGEPAGE);
        return (sp_address)p;
    }
    // Whole pages can be written directly, past the page cache.
    const size_t alignment = bytes >= kPage ? kPage : 64;
    return (sp_address)aligned_alloc(alignment, ((size_t)bytes + alignment) & ~(alignment - 1));
}

void sp_free(sp_address address, int64_t bytes) {
    if (bytes >= kMapFrom) {
        munmap((void*)address, (size_t)bytes);
    } else {
        free((void*)address);
    }
}

int sp_copy(sp_address to, sp_address from, int64_t bytes) {
    uintptr_t fault;
    // memcpy may not be given null, even for nothing: the address of an empty file.
    if (bytes <= 0) return 0;
    return stockpot::guarded([=] { memcpy((void*)to, (const void*)from, (size_t)bytes); }, &fault) ? 0 : EFAULT;
}

int sp_map_file(const int8_t* path, int64_t* result) {
    // O_NONBLOCK: opening a named pipe would wait for its writer; regular files ignore the flag.
    int descriptor = open((const char*)path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return errno;
    struct stat status;
    void* address = nullptr;
    int error = 0;
    if (fstat(descriptor, &status) != 0) {
        error = errno;
    } else if (!S_ISREG(status.st_mode)) {
        error = S_ISDIR(status.st_mode) ? EISDIR : ENODEV;
    } else if (status.st_size > 0) {
        address = mmap(nullptr, (size_t)status.st_size, PROT_READ, MAP_SHARED, descriptor, 0);
        if (address == MAP_FAILED) error = errno;
        // If the kernel has no large pages, this fails and does no harm.
        if (error == 0 && faultsReadLargePages()) madvise(address, (size_t)status.st_size, MADV_HUGEPAGE);
    }
    // A mapping needs no descriptor, and a process may have more files mapped than open.
    close(descriptor);
    if (error != 0) return error;
    result[0] = (int64_t)address;
    result[1] = status.st_size;
    return 0;
}

void sp_unmap_file(sp_address address, int64_t bytes) {
    if (bytes > 0) munmap((void*)address, (size_t)bytes);
}

int sp_populate(sp_address address, int64_t bytes) {
    uintptr_t fault;
    bool done = stockpot::guarded(
        [=] {
            const volatile char* at = (const volatile char*)address;
            for (int64_t k = 0; k < bytes; k += kFaultAround) (void)at[k];
            (void)at[bytes - 1];
        },
        &fault);
    return done ? 0 : EFAULT;
}

void sp_release(const sp_address* addresses, const int64_t* bytes, int count) {
    static std::atomic<bool> together{true};
    for (int k = 0; k < count; k += kMostTogether) {
        int some = std::min(count - k, kMostTogether);
        if (together.load(std::memory_order_relaxed) && releaseTogether(addresses + k, bytes + k, some)) continue;
        together = false;
        for (int j = k; j < k + some; j++) {
            Pages pages(addresses[j], bytes[j]);
            madvise(pages.pointer, pages.length, MADV_DONTNEED);
        }
    }
}

void sp_prefetch(sp_address mapping, const int8_t* path, int64_t offset, int64_t bytes) {
    // A request would bring in small pages, and the faults read ahead on their own.
    if (bytes <= 0 || faultsReadLargePages()) return;
#ifdef RWF_NOWAIT
    int descriptor = open((const char*)path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char byte;
    struct iovec vector = {&byte, 1};
    bool cached = descriptor >= 0 && preadv2(descriptor, &vector, 1, offset + bytes - 1, RWF_NOWAIT) == 1;
    if (descriptor >= 0) close(descriptor);
    if (cached) return;
#else
    (void)path;
#endif
    Pages pages(mapping + offset, bytes);
    madvise(pages.pointer, pages.length, MADV_WILLNEED);
}

sp_address sp_address_of(const int8_t* buffer) { return (sp_address)buffer; }
