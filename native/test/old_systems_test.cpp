// What the library does on kernels older than this one: pages are released one span at a time where process_madvise
// fails, and files are prefetched on request where faults do not read large pages. In processes in which the calls
// fail, or the kernel gives an old version.
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vector>

#include "children.h"
#include "stockpot.h"

namespace {

constexpr int kSkipped = 77;
constexpr int64_t kPage = 4096;
constexpr int64_t kPages = 1200;
char path[] = "old_systems_test_XXXXXX";

// Lets calls of this number fail from now on, in this process.
bool refuse(unsigned call, unsigned error) {
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof program / sizeof program[0], program};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

// Pages of [address, address + pages) that this process has mapped.
int mapped(sp_address address, int64_t pages) {
    const int descriptor = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    std::vector<uint64_t> entries((size_t)pages);
    const ssize_t read = pread(descriptor, entries.data(), entries.size() * 8, address / kPage * 8);
    close(descriptor);
    if (read != (ssize_t)(entries.size() * 8)) return -1;
    int count = 0;
    for (uint64_t entry : entries) count += entry >> 63 & 1;
    return count;
}

int fail(const char* what) {
    printf("failed: %s\n", what);
    return 1;
}

// More spans than one system call takes, each of two pages, with others between them that must stay.
int releases() {
    std::vector<char> values(kPages * kPage, 7);
    // Of small pages, which can be released each on its own.
    char* memory = (char*)mmap(nullptr, kPages * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(memory, kPages * kPage, MADV_NOHUGEPAGE);
    const sp_address start = (sp_address)memory;
    for (int round = 0; round < 2; round++) {
        memcpy(memory, values.data(), values.size());
        if (mapped(start, kPages) != kPages) return fail("pages that were written are there");
        std::vector<sp_address> addresses;
        std::vector<int64_t> bytes;
        for (int64_t page = 0; page + 4 <= kPages; page += 4) {
            addresses.push_back(start + page * kPage);
            bytes.push_back(2 * kPage);
        }
        sp_release(addresses.data(), bytes.data(), (int)addresses.size());
        if (mapped(start, kPages) != kPages / 2) return fail("every span is released, and nothing else");
        for (int64_t page = 0; page < kPages; page++) {
            if (memory[page * kPage] != (page % 4 < 2 ? 0 : 7)) return fail("which pages were released");
        }
    }
    munmap(memory, kPages * kPage);
    return 0;
}

// Pages of the mapped file that the page cache holds.
int cached(sp_address mapping) {
    std::vector<unsigned char> there(kPages);
    if (mincore((void*)mapping, kPages * kPage, there.data()) != 0) return -1;
    int count = 0;
    for (unsigned char page : there) count += page & 1;
    return count;
}

// Whether what was asked for comes into the page cache by itself.
bool comes(sp_address mapping, int atLeast) {
    for (int n = 0; n < 1000; n++) {
        if (cached(mapping) >= atLeast) return true;
        usleep(10000);
    }
    return false;
}

int prefetches(bool onRequest) {
    int64_t file[3] = {};
    if (sp_map_file((const int8_t*)path, file) != 0) return fail("map");
    // Pages that are being written stay; of a span whose end is cached nothing would be asked for.
    for (int i = 0; i < 100 && (i == 0 || cached(file[0]) > 0); i++) {
        if (i > 0) usleep(10000);
        if (sp_forget_file((const int8_t*)path) != 0) return fail("forget");
    }
    if (cached(file[0]) > kPages / 10) {
        printf("note: this file system is in memory, prefetching is not tried\n");
        return kSkipped;
    }
    sp_prefetch(file[0], (const int8_t*)path, kPage, kPages / 2 * kPage);
    if (!onRequest) {
        if (cached(file[0]) > kPages / 10) return fail("nothing is read before it is needed");
    } else {
        if (!comes(file[0], kPages / 2)) return fail("a span that is not cached is prefetched");
        // Its end is cached now: nothing more is asked for.
        sp_prefetch(file[0], (const int8_t*)path, 0, kPages / 4 * kPage);
    }
    if (sp_populate(file[0], kPages * kPage) != 0) return fail("populate");
    std::vector<char> copy((size_t)(kPages * kPage));
    if (sp_copy((sp_address)copy.data(), file[0], kPages * kPage) != 0 || copy[0] != 5 || copy.back() != 5) {
        return fail("the file's bytes");
    }
    sp_unmap_file(file[0], file[1]);
    return 0;
}

int failures = 0;

void expect(const char* what, int status) {
    if (status == 0) return;
    printf("%s: %s (%d)\n", status == kSkipped ? "skipped" : "failed", what, status);
    failures += status != kSkipped;
}

int withoutCall(unsigned call, unsigned error, int (*work)()) { return refuse(call, error) ? work() : kSkipped; }

}  // namespace

int main() {
    expect("release", children::run(releases));
#ifdef SYS_process_madvise
    for (unsigned error : {ENOSYS, EINVAL, EPERM, EBADF}) {
        expect("release without process_madvise",
               children::run([=] { return withoutCall(SYS_process_madvise, error, releases); }));
    }
#endif
    const int descriptor = mkstemp(path);
    const std::vector<char> fives((size_t)(kPages * kPage), 5);
    if (write(descriptor, fives.data(), fives.size()) != (ssize_t)fives.size()) return fail("write");
    if (fsync(descriptor) != 0) return fail("fsync");
    expect("prefetch", children::run([] { return prefetches(false); }));
    const auto old = [] { return personality(UNAME26) == -1 ? kSkipped : prefetches(true); };
    expect("prefetch on a kernel before 5.18", children::run(old));
#ifdef SYS_preadv2
    expect("prefetch on a kernel without preadv2",
           children::run([&] { return withoutCall(SYS_preadv2, ENOSYS, old); }));
#endif
    close(descriptor);
    unlink(path);
    printf("%d failures\n", failures);
    return failures != 0;
}
