// Many threads at once: some mix and multiply mappings that shrink under them, others work on whole ones, others fill
// new files in large pages, copy, and release what they have passed. Each gets its own results and its own faults.
// Under ThreadSanitizer this shows races as well.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "stockpot.h"

namespace {

constexpr int kRounds = 25;
constexpr int64_t kElements = 1 << 18;
constexpr int64_t kBytes = kElements * 4;
std::atomic<int> failures{0};

void expect(bool right, const char* what) {
    if (right) return;
    printf("failed: %s\n", what);
    failures++;
}

// A file of ones that is deleted at the end.
class File {
 public:
    explicit File(const char* folder) : path(std::string(folder) + "/threads_test_XXXXXX") {
        descriptor = mkstemp(path.data());
        if (descriptor < 0) perror(path.c_str());
    }
    ~File() {
        close(descriptor);
        unlink(path.c_str());
    }
    File(const File&) = delete;
    const int8_t* name() const { return (const int8_t*)path.c_str(); }
    void fill() const {
        const std::vector<float> ones((size_t)kElements, 1.0f);
        expect(pwrite(descriptor, ones.data(), kBytes, 0) == kBytes, "write");
    }
    void truncate(int64_t bytes) const { expect(ftruncate(descriptor, bytes) == 0, "truncate"); }

 private:
    std::string path;
    int descriptor;
};

// Its file loses its end in every round, and gets it back.
void faulting() {
    const File file(".");
    std::vector<float> out((size_t)kElements), ones((size_t)kElements, 1.0f);
    for (int round = 0; round < kRounds; round++) {
        file.fill();
        int64_t map[3] = {};
        if (sp_map_file(file.name(), map) != 0) return expect(false, "map");
        const sp_address sources[] = {(sp_address)ones.data(), map[0]};
        const int32_t dtypes[] = {SP_F32, SP_F32};
        double sums[2] = {};
        auto mix = [&] {
            return sp_mix(sp_detect_isa(), (sp_address)out.data(), SP_F32, kElements, sources, dtypes, 2, nullptr, 2,
                          round % 2);
        };
        expect(mix() == 0 && out[kElements - 1] == 1, "mix of a whole file");
        file.truncate(4096);
        expect(mix() == 2, "mix of a file that shrank");
        expect(sp_dot(sp_detect_isa(), sources[0], SP_F32, kElements, sources, dtypes, 2, sums) == 2, "dot");
        expect(sp_copy((sp_address)out.data(), map[0], kBytes) == EFAULT, "copy");
        expect(sp_populate(map[0], kBytes) == EFAULT, "populate");
        sp_unmap_file(map[0], map[1]);
    }
}

void mixing() {
    std::vector<float> ones((size_t)kElements, 1.0f), out((size_t)kElements);
    const sp_address sources[] = {(sp_address)ones.data(), (sp_address)ones.data(), (sp_address)ones.data()};
    const int32_t dtypes[] = {SP_F32, SP_F32, SP_F32};
    for (int round = 0; round < 2 * kRounds; round++) {
        out[0] = 0;
        expect(sp_mix(sp_detect_isa(), (sp_address)out.data(), SP_F32, kElements, sources, dtypes, 3, nullptr, 3, 0) ==
                       0 &&
                   out == ones,
               "mix while others fault");
        double sum = 0;
        expect(sp_dot(sp_detect_isa(), sources[0], SP_F32, kElements, sources, dtypes, 1, &sum) == 0 &&
                   sum == (double)kElements,
               "dot while others fault");
    }
}

// Several threads make the large pages of one file, all of them the same ones now and then.
void placing() {
    constexpr int64_t kPages = 8;
    const File file("/dev/shm");
    int64_t map[3] = {};
    const int error = sp_map_new_file(file.name(), kPages * SP_LARGE_PAGE, map);
    if (error != 0) {
        printf("no large pages here (error %d): placing is not tried\n", error);
        return;
    }
    std::atomic<int> made{0};
    std::vector<std::thread> threads;
    for (int n = 0; n < 4; n++) {
        threads.emplace_back([&, n] {
            for (int64_t page = n; page < kPages; page += 4) {
                const int64_t at = page * SP_LARGE_PAGE;
                if (sp_make_large_page(map[0], (int)map[2], at + n) != 0) continue;
                made++;
                memset((char*)map[0] + at, (int)page, SP_LARGE_PAGE);
                const sp_address pages[] = {map[0] + at};
                const int64_t bytes[] = {SP_LARGE_PAGE};
                sp_release(pages, bytes, 1);
                for (int64_t k = 0; k < SP_LARGE_PAGE; k += 4096) {
                    if (((volatile char*)map[0])[at + k] != (char)page) return expect(false, "a large page's bytes");
                }
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    printf("%d of %d large pages made\n", made.load(), (int)kPages);
    sp_unmap_new_file(map[0], map[1], (int)map[2]);
}

}  // namespace

int main() {
    std::vector<std::thread> threads;
    for (int n = 0; n < 3; n++) threads.emplace_back(faulting);
    for (int n = 0; n < 2; n++) threads.emplace_back(mixing);
    for (int n = 0; n < 2; n++) threads.emplace_back(placing);
    for (std::thread& thread : threads) thread.join();
    printf("%d failures\n", failures.load());
    return failures != 0;
}
