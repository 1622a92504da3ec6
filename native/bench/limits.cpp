// The time that the machine itself takes for the bytes that a soup moves, to compare a soup's time with:
//   limits THREADS OUT FILE...
// prints the seconds that THREADS threads take to map and read the files once, and to write as many bytes as the first
// file has to OUT (removed afterwards), 2 MiB at a time.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "mapped_read.h"

namespace {

constexpr size_t kTile = 2 << 20;
struct File {
    const char* start;
    size_t bytes;
};

}  // namespace

int main(int argc, char** argv) {
    int threads = argc > 3 ? atoi(argv[1]) : 0;
    if (threads < 1) {
        fprintf(stderr, "usage: limits THREADS OUT FILE...\n");
        return 2;
    }
    std::vector<File> files;
    for (int k = 3; k < argc; k++) {
        int descriptor = open(argv[k], O_RDONLY);
        struct stat status;
        if (descriptor < 0 || fstat(descriptor, &status) != 0) return perror(argv[k]), 1;
        void* start = mmap(nullptr, (size_t)status.st_size, PROT_READ, MAP_SHARED, descriptor, 0);
        if (start == MAP_FAILED) return perror(argv[k]), 1;
        files.push_back({(const char*)start, (size_t)status.st_size});
    }
    size_t tiles = files[0].bytes / kTile;
    std::atomic<size_t> next{0};
    std::atomic<uint64_t> sink{0};
    double reading = seconds(threads, [&] {
        for (size_t tile; (tile = next++) < tiles;) {
            for (const File& file : files) {
                size_t from = std::min(tile * kTile, file.bytes);
                sink ^= readMapped(file.start + from, std::min(kTile, file.bytes - from));
            }
        }
    });
    int out = open(argv[2], O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (out < 0) return perror(argv[2]), 1;
    next = 0;
    std::atomic<bool> failed{false};
    double writing = seconds(threads, [&] {
        std::vector<char> buffer(kTile, 1);
        for (size_t tile; (tile = next++) < tiles;) {
            if (pwrite(out, buffer.data(), kTile, (off_t)(tile * kTile)) != (ssize_t)kTile) failed = true;
        }
    });
    unlink(argv[2]);
    if (failed) return fprintf(stderr, "%s: could not be written\n", argv[2]), 1;
    printf("mapped read %.4f s, write %.4f s (check %llx)\n", reading, writing, (unsigned long long)sink.load());
    return 0;
}
