// The kind of file system that a path is on, what direct access needs there, reserving room, and writing back.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "stockpot.h"

int sp_file_system(const int8_t* path) {
    struct statfs status;
    if (statfs((const char*)path, &status) != 0) return -errno;
    // Numbers rather than linux/magic.h, which lacks half of them.
    switch ((uint32_t)status.f_type) {
        case 0x00006969:  // NFS
        case 0x0000517B:  // SMB
        case 0xFE534D42:  // SMB2, SMB3
        case 0xFF534D42:  // CIFS
        case 0x65735546:  // FUSE
        case 0x01021997:  // 9p
        case 0x0BD00BD0:  // Lustre
        case 0x00C36400:  // Ceph
        case 0x47504653:  // GPFS
        case 0x19830326:  // BeeGFS
        case 0x01161970:  // GFS2
        case 0x7461636F:  // OCFS2
        case 0x5346414F:  // AFS
        case 0x73757245:  // Coda
        case 0x786F4256:  // VirtualBox shared folders
        case 0xBACBACBC:  // VMware shared folders
            return SP_ON_NETWORK;
        case 0x01021994:  // tmpfs
        case 0x858458F6:  // ramfs
        case 0x958458F6:  // hugetlbfs
            return SP_IN_MEMORY;
        default:
            return SP_ON_DISK;
    }
}

int64_t sp_direct_block(const int8_t* path) {
#ifdef SYS_statx
    // By number and place: older C libraries have no statx, or none with these fields.
    constexpr unsigned kDirectAlignment = 0x2000;
    constexpr size_t kMemory = 152, kOffset = 156;
    alignas(8) char status[256] = {};
    uint32_t told, memory, offset;
    if (syscall(SYS_statx, AT_FDCWD, path, 0, kDirectAlignment, status) != 0) return -1;
    memcpy(&told, status, sizeof told);
    memcpy(&memory, status + kMemory, sizeof memory);
    memcpy(&offset, status + kOffset, sizeof offset);
    if (told & kDirectAlignment) return memory == 0 || offset == 0 ? 0 : memory > offset ? memory : offset;
#else
    (void)path;
#endif
    return -1;
}

int sp_rename(const int8_t* from, const int8_t* to, int kind) {
    // By number: older C libraries have no renameat2.
    return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, (unsigned)kind) == 0 ? 0 : errno;
}

int sp_reserve(const int8_t* path, int64_t bytes) {
    int descriptor = open((const char*)path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return errno;
    // Not posix_fallocate, which writes if it cannot reserve.
    int error = fallocate(descriptor, 0, 0, bytes) == 0 ? 0 : errno;
    close(descriptor);
    return error;
}

int sp_write_back(const int8_t* path, int64_t at, int64_t bytes, int wait) {
    int descriptor = open((const char*)path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return errno;
    unsigned all = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    int error = sync_file_range(descriptor, at, bytes, wait == 1 ? all : SYNC_FILE_RANGE_WRITE) == 0 ? 0 : errno;
    close(descriptor);
    return error;
}
