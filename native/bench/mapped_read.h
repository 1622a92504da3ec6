// Clocks and threads of the programs that compare the kernels with a plain mapped read.
#ifndef STOCKPOT_MAPPED_READ_H
#define STOCKPOT_MAPPED_READ_H

#include <time.h>

#include <chrono>
#include <thread>
#include <vector>

#include "../io/plain_read.h"

// Processor time of this process so far, in seconds: on a shared machine it says more than a clock.
inline double processorSeconds() {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

// Seconds that `threads` threads take if each of them runs `work`.
template <class Work>
double seconds(int threads, Work work) {
    auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> pool;
    for (int t = 0; t < threads; t++) pool.emplace_back(work);
    for (std::thread& thread : pool) thread.join();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

#endif  // STOCKPOT_MAPPED_READ_H
