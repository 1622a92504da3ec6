// Memory for machine code: a page of it can be written or run, never both.
#ifndef STOCKPOT_JIT_CODE_MEMORY_H
#define STOCKPOT_JIT_CODE_MEMORY_H

#include <stdint.h>
#include <sys/mman.h>

namespace stockpot::jit {

class CodeMemory {
 public:
    static constexpr int64_t kBytes = 1 << 20;

    CodeMemory() = default;
    CodeMemory(const CodeMemory&) = delete;
    ~CodeMemory() { clear(); }

    int64_t room() const { return kBytes - used_; }

    // Forgets all code: none of it may run any more.
    void clear() {
        if (start_) munmap(start_, kBytes);
        start_ = nullptr;
        used_ = 0;
    }

    // Where code may be written; null if there is none.
    uint8_t* open() {
        if (!start_) {
            void* p = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (p == MAP_FAILED) return nullptr;
            start_ = (uint8_t*)p;
        }
        return start_ + used_;
    }

    // Lets the bytes that were written be run, in pages of their own: what may run already is not touched. Whether the
    // system does; if not, they may be written again.
    bool keep(int64_t bytes) {
        constexpr int64_t kPage = 4096;
        const int64_t pages = (bytes + kPage - 1) / kPage * kPage;
        if (mprotect(start_ + used_, (size_t)pages, PROT_READ | PROT_EXEC) != 0) return false;
        used_ += pages;
        return true;
    }

 private:
    uint8_t* start_ = nullptr;
    int64_t used_ = 0;
};

}  // namespace stockpot::jit

#endif  // STOCKPOT_JIT_CODE_MEMORY_H
