// Runs a fuzz target without a fuzzer: over the files of the folder that is named, and over the same mutants of them
// in every run.
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size);

namespace {

constexpr int kMutants = 400;

std::vector<uint8_t> bytesOf(const std::string& path) {
    std::vector<uint8_t> bytes;
    FILE* file = fopen(path.c_str(), "rb");
    for (int c = file == nullptr ? EOF : fgetc(file); c != EOF; c = fgetc(file)) bytes.push_back((uint8_t)c);
    if (file != nullptr) fclose(file);
    return bytes;
}

}  // namespace

int main(int count, char** arguments) {
    std::vector<std::string> paths;
    const std::string folder = count > 1 ? arguments[1] : ".";
    if (DIR* entries = opendir(folder.c_str())) {
        while (const dirent* entry = readdir(entries)) {
            if (entry->d_name[0] != '.') paths.push_back(folder + "/" + entry->d_name);
        }
        closedir(entries);
    }
    std::sort(paths.begin(), paths.end());
    std::vector<std::vector<uint8_t>> corpus;
    for (const std::string& path : paths) {
        corpus.push_back(bytesOf(path));
        LLVMFuzzerTestOneInput(corpus.back().data(), corpus.back().size());
    }
    std::mt19937 rng(1);
    for (int k = 0; k < kMutants && !corpus.empty(); k++) {
        std::vector<uint8_t> mutant = corpus[rng() % corpus.size()];
        for (int changes = 0; changes < 4 && !mutant.empty(); changes++) mutant[rng() % mutant.size()] = (uint8_t)rng();
        LLVMFuzzerTestOneInput(mutant.data(), mutant.size());
    }
    printf("%zu inputs and %d mutants of them\n", corpus.size(), corpus.empty() ? 0 : kMutants);
    return corpus.empty();
}
