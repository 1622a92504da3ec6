// Memory for machine code: it can be written or run, never both.
#ifndef STOCKPOT_JIT_CODE_MEMORY_H
#define STOCKPOT_JIT_CODE_MEMORY_H

#include <stdint.h>
#include <sys/mman.h>

namespace stockpot::jit {

class CodeMemory {
 public:
    static constexpr int64_t kBytes = 512 << 10;

    CodeMemory() = default;
    CodeMemory(const CodeMemory&) = delete;
    ~CodeMemory() {
        if (start_) munmap(start_, kBytes);
    }

    int64_t used() const { return used_; }
    int64_t room() const { return kBytes - used_; }
    void clear() { used_ = 0; }

    // Where code may be written, until it is kept; null if there is none.
    uint8_t* open() {
        if (!start_) {
            void* p = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (p == MAP_FAILED) return nullptr;
            start_ = (uint8_t*)p;
        } else if (mprotect(start_, kBytes, PROT_READ | PROT_WRITE) != 0) {
            return nullptr;
        }
        return start_ + used_;
    }
    // Keeps that many bytes, and lets all be run. Whether the system does.
    bool keep(int64_t bytes) {
        used_ += (bytes + 63) / 64 * 64;
        return mprotect(start_, kBytes, PROT_READ | PROT_EXEC) == 0;
    }

 private:
    uint8_t* start_ = nullptr;
    int64_t used_ = 0;
};

}  // namespace stockpot::jit

#endif  // STOCKPOT_JIT_CODE_MEMORY_H
