// Memory between pages that cannot be touched: an access past either end ends the test.
#ifndef STOCKPOT_FENCED_H
#define STOCKPOT_FENCED_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

namespace fenced {

enum Edge { kStart, kEnd };

// Room for `bytes` bytes that begin after one such page, or end before another.
class Fenced {
 public:
    explicit Fenced(size_t bytes) {
        const size_t page = (size_t)sysconf(_SC_PAGESIZE);
        inside = (bytes + page - 1) / page * page + page;
        char* room = (char*)mmap(nullptr, inside + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (room == MAP_FAILED) abort();
        start = room + page;
        setAccess(PROT_READ | PROT_WRITE);
    }
    ~Fenced() {
        const size_t page = (size_t)sysconf(_SC_PAGESIZE);
        munmap(start - page, inside + 2 * page);
    }
    Fenced(const Fenced&) = delete;

    // Where `bytes` bytes touch an edge.
    char* at(Edge edge, size_t bytes) const { return edge == kStart ? start : start + inside - bytes; }

    // PROT_READ from now on, or PROT_READ | PROT_WRITE again.
    void setAccess(int access) const {
        if (mprotect(start, inside, access) != 0) abort();
    }

 private:
    char* start;
    size_t inside;
};

}  // namespace fenced

#endif  // STOCKPOT_FENCED_H
