// New files in memory, mapped in large pages.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "stockpot.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25  // Linux 6.1
#endif

namespace {

constexpr uint32_t kTmpfs = 0x01021994;
constexpr size_t kSmallPage = 4096;  // If large pages have 2 MiB.
constexpr uintptr_t kWithin = SP_LARGE_PAGE - 1;

bool systemHasThatSize() {
    FILE* file = fopen("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "re");
    long bytes = 0;
    bool told = file != nullptr && fscanf(file, "%ld", &bytes) == 1;
    if (file != nullptr) fclose(file);
    return told && bytes == SP_LARGE_PAGE;
}

// A shared mapping that starts at a multiple of a large page; MAP_FAILED if there is none.
void* mapAligned(int descriptor, size_t bytes) {
    size_t room = bytes + SP_LARGE_PAGE;
    char* start = (char*)mmap(nullptr, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) return start;
    char* aligned = (char*)(((uintptr_t)start + kWithin) & ~kWithin);
    void* file = mmap(aligned, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, descriptor, 0);
    // Unmaps what is left of the room before and after it.
    char* end = file == MAP_FAILED ? aligned : aligned + ((bytes + kSmallPage - 1) & ~(kSmallPage - 1));
    if (aligned > start) munmap(start, (size_t)(aligned - start));
    munmap(end, (size_t)(start + room - end));
    return file;
}

}  // namespace

int sp_map_new_file(const int8_t* path, int64_t bytes, int64_t* result) {
    struct statfs status;
    if (bytes < SP_LARGE_PAGE || statfs((const char*)path, &status) != 0 || (uint32_t)status.f_type != kTmpfs ||
        !systemHasThatSize()) {
        return ENOTSUP;
    }
    int descriptor = open((const char*)path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return errno;
    void* address = ftruncate(descriptor, bytes) == 0 ? mapAligned(descriptor, (size_t)bytes) : MAP_FAILED;
    if (address == MAP_FAILED) {
        int error = errno;
        close(descriptor);
        return error;
    }
    result[0] = (int64_t)address;
    result[1] = bytes;
    result[2] = descriptor;
    return 0;
}

void sp_unmap_new_file(sp_address address, int64_t bytes, int descriptor) {
    munmap((void*)address, (size_t)bytes);
    close(descriptor);
}

int sp_make_large_page(sp_address mapping, int descriptor, int64_t offset) {
    // MADV_COLLAPSE needs a present page; writing one byte creates it, and reports ENOSPC.
    if (pwrite(descriptor, "", 1, offset) != 1) return errno;
    sp_address page = mapping + (offset & ~(int64_t)kWithin);
    return madvise((void*)page, SP_LARGE_PAGE, MADV_COLLAPSE) == 0 ? 0 : errno;
}
