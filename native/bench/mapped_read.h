// The plain mapped read that the kernels are measured against.
#ifndef STOCKPOT_MAPPED_READ_H
#define STOCKPOT_MAPPED_READ_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <chrono>
#include <thread>
#include <vector>

// A touched page brings in the cached pages around it, 64 KiB by the system's default.
constexpr size_t kFaultAround = 64 << 10;

// Processor time of this process so far, in seconds: on a machine shared with others it tells more than a clock.
inline double processorSeconds() {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

// How long `threads` threads take that all run `work`.
template <class Work>
double seconds(int threads, Work work) {
    auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> pool;
    for (int t = 0; t < threads; t++) pool.emplace_back(work);
    for (std::thread& thread : pool) thread.join();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Brings in the pages of a mapping and reads each word once; the result is there to be used.
inline uint64_t readMapped(const char* from, size_t bytes) {
    for (size_t k = 0; k < bytes; k += kFaultAround) (void)*(const volatile char*)(from + k);
    uint64_t sum[8] = {};
    const uint64_t* words = (const uint64_t*)from;
    for (size_t k = 0; k + 8 <= bytes / 8; k += 8) {
        for (int lane = 0; lane < 8; lane++) sum[lane] ^= words[k + lane];
    }
    return sum[0] ^ sum[1] ^ sum[2] ^ sum[3] ^ sum[4] ^ sum[5] ^ sum[6] ^ sum[7];
}

#endif  // STOCKPOT_MAPPED_READ_H
