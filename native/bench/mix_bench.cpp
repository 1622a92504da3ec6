// Seconds to mix equally large mapped BF16 files once, with N threads: only populate and kernel, nothing is written.
//
//     mix_bench THREADS TILE_KIB FILE...
//
// Each thread takes tiles in order; a tile's pages are brought in and mixed at once.
#include <stdio.h>
#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "stockpot.h"

int main(int argc, char** argv) {
    if (argc < 4) return fprintf(stderr, "usage: mix_bench THREADS TILE_KIB FILE...\n"), 2;
    int threads = atoi(argv[1]);
    int64_t tile = atol(argv[2]) * 1024;
    const char* name = getenv("STOCKPOT_BENCH_ISA");
    int isa = name ? atoi(name) : sp_detect_isa();
    auto start = std::chrono::steady_clock::now();
    std::vector<sp_address> files;
    int64_t size = INT64_MAX;
    for (int i = 3; i < argc; i++) {
        int64_t file[2];
        if (sp_map_file((const int8_t*)argv[i], file) != 0) return perror(argv[i]), 1;
        files.push_back(file[0]);
        if (file[1] < size) size = file[1];
    }
    int count = (int)files.size();
    std::vector<int32_t> dtypes(files.size(), SP_BF16);
    std::atomic<int64_t> next{0};
    std::vector<std::thread> pool;
    for (int t = 0; t < threads; t++) {
        pool.emplace_back([&] {
            sp_address out = sp_allocate(tile);
            std::vector<sp_address> sources(files.size());
            for (int64_t from; (from = tile * next++) < size;) {
                int64_t bytes = size - from < tile ? size - from : tile;
                for (int k = 0; k < count; k++) {
                    sources[k] = files[k] + from;
                    sp_populate(sources[k], bytes);
                }
                sp_mix(isa, out, SP_BF16, bytes / 2, sources.data(), dtypes.data(), count, nullptr, count, 0);
            }
            sp_free(out, tile);
        });
    }
    for (std::thread& thread : pool) thread.join();
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    printf("%.4f s, %.1f GB/s read\n", seconds, (double)size * count / seconds * 1e-9);
}
