// The calls on files and memory, in any order, on a file that also shrinks and grows under its mapping: what is read is
// what is in the file, and what cannot be read is an error.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "input.h"
#include "stockpot.h"

namespace {

constexpr int kMostSteps = 40;
constexpr int64_t kPage = 4096;
constexpr int64_t kLargest = 40 * kPage;
constexpr int64_t kNewFile = SP_LARGE_PAGE + 3 * kPage;

const int8_t* name(const std::string& path) { return (const int8_t*)path.c_str(); }

// What the file holds at an offset, so that a byte tells its place.
char at(int64_t offset) { return (char)(offset * 31 + (offset >> 8) + 1); }

// A fuzzer ends without destructors, so whoever starts one names a folder to put this one in, and deletes that.
struct Folder {
    Folder() {
        const char* parent = getenv("STOCKPOT_FUZZ_FOLDER");
        if (parent == nullptr) parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
        path = std::string(parent) + "/stockpot-fuzz-XXXXXX";
        require(mkdtemp(&path[0]) != nullptr, "no folder");
    }
    ~Folder() {
        for (const char* file : {"/file", "/other", "/new"}) unlink((path + file).c_str());
        rmdir(path.c_str());
    }
    std::string file(const char* which) const { return path + which; }
    std::string path;
};

const Folder& folder() {
    static const Folder made;
    return made;
}

void write(const std::string& path, int64_t bytes) {
    std::vector<char> values((size_t)bytes);
    for (int64_t k = 0; k < bytes; k++) values[(size_t)k] = at(k);
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    require(file >= 0 && ::write(file, values.data(), values.size()) == (ssize_t)bytes, "no file");
    close(file);
}

// A mapping, how much of the file behind it is there now, and how much always was: what grew again is zeros.
struct Mapping {
    const std::string file;
    int64_t result[2] = {0, 0};
    int64_t there = 0;
    int64_t always = 0;

    explicit Mapping(const std::string& path) : file(path) {
        require(sp_map_file(name(path), result) == 0, "a file could not be mapped");
        there = always = result[1];
    }
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    ~Mapping() { sp_unmap_file(result[0], result[1]); }

    // Pages that begin within the file can be read to their ends.
    int64_t readable() const { return (there + kPage - 1) / kPage * kPage; }
};

struct Span {
    Span(Input& in, int64_t size) {
        const int64_t a = (in.byte() << 10 | in.byte() << 2 | in.below(4)) % (size + 1);
        const int64_t b = (in.byte() << 10 | in.byte() << 2 | in.below(4)) % (size + 1);
        from = std::min(a, b);
        bytes = std::max(a, b) - from;
    }
    int64_t from;
    int64_t bytes;
};

void read(Input& in, const Mapping& mapping) {
    const Span span(in, mapping.result[1]);
    std::vector<char> into((size_t)span.bytes);
    const int error = sp_copy((sp_address)into.data(), mapping.result[0] + span.from, span.bytes);
    const bool readable = span.bytes == 0 || span.from + span.bytes <= mapping.readable();
    require(error == (readable ? 0 : EFAULT), "a copy succeeded or failed wrongly");
    for (int64_t k = 0; error == 0 && k < span.bytes; k++) {
        const int64_t offset = span.from + k;
        require(into[(size_t)k] == (offset < mapping.always ? at(offset) : 0), "a copy has other bytes");
    }
    int64_t sum = 0;
    const int64_t words = span.bytes / 64 * 64;
    const bool allReadable = words == 0 || span.from + words <= mapping.readable();
    if (span.from % 8 == 0 && sp_read(mapping.result[0] + span.from, span.bytes, &sum) == 0 && error == 0) {
        int64_t expected = 0, word;
        for (int64_t k = 0; k < words; k += 8) {
            memcpy(&word, into.data() + k, 8);
            expected ^= word;
        }
        require(!allReadable || sum == expected, "a read has another sum");
    }
}

void mixFrom(Input& in, const Mapping& mapping) {
    const Span span(in, mapping.result[1]);
    std::vector<char> out((size_t)span.bytes), vector((size_t)span.bytes, 0x38);
    const sp_address sources[] = {(sp_address)vector.data(), mapping.result[0] + span.from};
    const int32_t dtypes[] = {SP_F8_E5M2, SP_F8_E5M2};
    const bool readable = span.bytes == 0 || span.from + span.bytes <= mapping.readable();
    const int isa = in.below(sp_detect_isa() + 1);
    const int answer =
        sp_mix(isa, (sp_address)out.data(), SP_F8_E5M2, span.bytes, sources, dtypes, 2, nullptr, 2, in.below(2));
    require(readable ? answer == 0 || answer == SP_NOT_FINITE : answer == 2,
            "a kernel names another source than the one that shrank");
    double sums[2] = {0, 0};
    require(
        sp_dot(isa, (sp_address)vector.data(), SP_F8_E5M2, span.bytes, sources, dtypes, 2, sums) == (readable ? 0 : 2),
        "a kernel names another source than the one that shrank");
    require(
        sp_dot(isa, sources[1], SP_F8_E5M2, span.bytes, sources, dtypes, 1, sums) == (readable ? 0 : SP_FAULT_VECTOR),
        "a kernel does not name the vector that shrank");
}

void release(Input& in, const Mapping& mapping) {
    sp_address addresses[80];
    int64_t bytes[80];
    const int count = in.below(80);
    for (int k = 0; k < count; k++) {
        const Span span(in, mapping.result[1]);
        addresses[k] = mapping.result[0] + span.from;
        bytes[k] = span.bytes;
    }
    sp_release(addresses, bytes, count);
}

void allocate(Input& in) {
    const int64_t bytes = in.below(4) == 0 ? in.word() : (int64_t)in.byte() << in.below(15);
    if (bytes > (int64_t)4 << 20) return;
    const sp_address memory = sp_allocate(bytes);
    if (bytes < 0) return require(memory == 0, "less than nothing was allocated");
    require(memory != 0 && memory % 64 == 0, "memory is missing or not aligned");
    memset((void*)memory, 1, (size_t)bytes);
    sp_free(memory, bytes);
}

void newFile(Input& in) {
    const std::string path = folder().file("/new");
    write(path, in.byte());
    const int64_t bytes = kNewFile + in.byte();
    int64_t result[3];
    if (sp_map_new_file(name(path), in.below(4) == 0 ? in.byte() : bytes, result) != 0) return;
    require(result[0] % SP_LARGE_PAGE == 0, "a new file is not at a large page");
    const int64_t offset = (in.byte() << 14) % bytes;
    if (sp_make_large_page(result[0], (int)result[2], offset) == 0) {
        ((char*)result[0])[offset] = 1;
        ((char*)result[0])[result[1] - 1] = 2;
    }
    sp_unmap_new_file(result[0], result[1], (int)result[2]);
}

void rename(Input& in, const std::string& path) {
    const std::string other = folder().file("/other");
    const bool there = in.below(2) != 0;
    if (there) write(other, 1);
    // To another name and back, so that the mapped file keeps its own.
    const int kind = in.below(2) ? SP_RENAME_NEW : SP_RENAME_EXCHANGE;
    const int error = sp_rename(name(path), name(other), kind);
    if (error == 0) {
        require(kind == SP_RENAME_NEW ? !there : there, "a rename replaced something, or exchanged nothing");
        require(sp_rename(name(other), name(path), kind) == 0, "a rename has no way back");
    }
    unlink(other.c_str());
}

void step(Input& in, const std::string& path, Mapping& mapping) {
    switch (in.below(11)) {
        case 0:
        case 1:
            return read(in, mapping);
        case 2:
            return mixFrom(in, mapping);
        case 3: {
            const Span span(in, mapping.result[1]);
            if (span.bytes == 0) return;
            const int error = sp_populate(mapping.result[0] + span.from, span.bytes);
            require(error == (span.from + span.bytes <= mapping.readable() ? 0 : EFAULT), "pages came or not, wrongly");
            return;
        }
        case 4:
            return release(in, mapping);
        case 5: {
            const Span span(in, mapping.result[1]);
            return sp_prefetch(mapping.result[0], name(mapping.file), span.from, span.bytes);
        }
        case 6: {
            const int64_t size = Span(in, mapping.result[1]).from;
            require(truncate(path.c_str(), size) == 0, "no truncation");
            mapping.there = size;
            mapping.always = std::min(mapping.always, size);
            return;
        }
        case 7:
            return allocate(in);
        case 8:
            return newFile(in);
        case 9:
            sp_file_system(name(path));
            sp_forget_file(name(path));
            require(sp_file_system(name(path + "/none")) < 0, "a path that is none has a file system");
            return;
        default:
            return rename(in, path);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
    Input in(bytes, size);
    const std::string path = folder().file("/file");
    write(path, (in.byte() << 8 | in.byte()) % kLargest);
    int64_t none[3];
    require(sp_map_file(name(folder().path), none) == EISDIR, "a folder was mapped");
    Mapping mapping(path);
    for (int k = 0; k < kMostSteps && !in.empty(); k++) step(in, path, mapping);
    return 0;
}
