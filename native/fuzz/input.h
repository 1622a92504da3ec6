// The bytes that a fuzzer chose, taken one after another; zeros when there are no more.
#ifndef STOCKPOT_FUZZ_INPUT_H
#define STOCKPOT_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

class Input {
 public:
    Input(const uint8_t* bytes, size_t size) : bytes_(bytes), size_(size) {}

    bool empty() const { return at_ >= size_; }
    uint8_t byte() { return empty() ? (uint8_t)0 : bytes_[at_++]; }

    // One of 0 to bound - 1.
    int below(int bound) { return byte() % bound; }

    int64_t word() {
        uint64_t word = 0;
        for (int k = 0; k < 8; k++) word = word << 8 | byte();
        return (int64_t)word;
    }

 private:
    const uint8_t* bytes_;
    size_t size_;
    size_t at_ = 0;
};

// Ends with a finding unless it holds.
inline void require(bool holds, const char* what) {
    if (holds) return;
    fprintf(stderr, "finding: %s\n", what);
    abort();
}

#endif  // STOCKPOT_FUZZ_INPUT_H
