// Times the dot products of one F32 vector with equally large files against a plain mapped read of the same files:
//   dot_bench THREADS bf16|f32 ROUNDS FILE...
// Each round maps, reads and unmaps the files, then does the same and reads the vector too, then maps, dots and unmaps
// them, with THREADS threads that take 2^18 elements of every file at a time. STOCKPOT_BENCH_ISA is the number of an
// instruction set to use instead of the best.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "mapped_read.h"
#include "stockpot.h"

namespace {

constexpr int64_t kChunk = 1 << 18;

struct Mapping {
    sp_address address;
    int64_t bytes;
};

void print(const char* what, std::vector<double> values) {
    std::sort(values.begin(), values.end());
    printf("    %-18s min %.4f  median %.4f  max %.4f\n", what, values.front(), values[values.size() / 2],
           values.back());
}

// The ratios of the same rounds.
std::vector<double> ratios(const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> result;
    for (size_t i = 0; i < a.size(); i++) result.push_back(a[i] / b[i]);
    return result;
}

}  // namespace

int main(int argc, char** argv) {
    int threads = argc > 4 ? atoi(argv[1]) : 0;
    int rounds = argc > 4 ? atoi(argv[3]) : 0;
    if (threads < 1 || rounds < 1) return fprintf(stderr, "usage: dot_bench THREADS bf16|f32 ROUNDS FILE...\n"), 2;
    bool narrow = strcmp(argv[2], "bf16") == 0;
    int elementBytes = narrow ? 2 : 4;
    const char* name = getenv("STOCKPOT_BENCH_ISA");
    int isa = name ? atoi(name) : sp_detect_isa();
    int count = argc - 4;
    std::vector<Mapping> files((size_t)count);
    std::vector<int32_t> dtypes(files.size(), narrow ? SP_BF16 : SP_F32);
    std::vector<float> vector;
    std::vector<double> wall[3], processor[3];
    std::atomic<uint64_t> sink{0};
    for (int round = 0; round <= rounds; round++) {
        double clock[3], busy[3];
        for (int pass = 0; pass < 3; pass++) {
            for (int k = 0; k < count; k++) {
                int error = sp_map_file((const int8_t*)argv[4 + k], &files[(size_t)k].address);
                if (error != 0) return fprintf(stderr, "%s: %s\n", argv[4 + k], strerror(error)), 1;
            }
            int64_t elements = files[0].bytes / elementBytes;
            for (const Mapping& file : files) elements = std::min(elements, file.bytes / elementBytes);
            vector.resize((size_t)elements, 0.5f);
            std::atomic<int64_t> next{0};
            double before = processorSeconds();
            clock[pass] = seconds(threads, [&] {
                std::vector<double> sums(files.size());
                std::vector<sp_address> sources(files.size());
                for (int64_t from; (from = kChunk * next++) < elements;) {
                    int64_t part = std::min(kChunk, elements - from);
                    for (size_t k = 0; k < files.size(); k++) {
                        sources[k] = files[k].address + from * elementBytes;
                        if (pass < 2) sink ^= readMapped((const char*)sources[k], (size_t)(part * elementBytes));
                        if (pass == 2) sp_populate(sources[k], part * elementBytes);
                    }
                    if (pass == 1)
                        sink ^= readMapped((const char*)(vector.data() + from), (size_t)part * sizeof(float));
                    if (pass < 2) continue;
                    sp_dot(isa, (sp_address)(vector.data() + from), SP_F32, part, sources.data(), dtypes.data(), count,
                           sums.data());
                }
                sink ^= (uint64_t)sums[0];
            });
            busy[pass] = processorSeconds() - before;
            for (const Mapping& file : files) sp_unmap_file(file.address, file.bytes);
        }
        // The first round warms up.
        if (round == 0) continue;
        for (int pass = 0; pass < 3; pass++) {
            wall[pass].push_back(clock[pass]);
            processor[pass].push_back(busy[pass]);
        }
    }
    const char* names[] = {"files read", "files and vector read", "dot"};
    for (int pass = 0; pass < 3; pass++) {
        printf("%s\n", names[pass]);
        print("seconds", wall[pass]);
        print("processor seconds", processor[pass]);
    }
    for (int pass = 0; pass < 2; pass++) {
        printf("dot / %s\n", names[pass]);
        print("seconds", ratios(wall[2], wall[pass]));
        print("processor seconds", ratios(processor[2], processor[pass]));
    }
    printf("%.1f GB each time (check %llx)\n", (double)files[0].bytes * count * 1e-9, (unsigned long long)sink.load());
}
