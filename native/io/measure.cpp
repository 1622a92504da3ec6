// What measuring a machine needs: a plain read, and files that are not cached.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "guard.h"
#include "plain_read.h"
#include "stockpot.h"

int sp_read(sp_address address, int64_t bytes, int64_t* sum) {
    uintptr_t fault;
    bool done = stockpot::guarded([=] { *sum = (int64_t)readMapped((const char*)address, (size_t)bytes); }, &fault);
    return done ? 0 : EFAULT;
}

int sp_forget_file(const int8_t* path) {
    int descriptor = open((const char*)path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return errno;
    // Only clean pages are dropped.
    int error = fdatasync(descriptor) != 0 ? errno : posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    close(descriptor);
    return error;
}
