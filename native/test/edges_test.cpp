// No kernel and no copy reads or writes a byte outside its operands, and none writes to a source: every operand begins
// right after a page that cannot be touched, or ends right before one, and sources cannot be written to. All pairs of
// types, every instruction set, many sizes, stores past the caches or not. Results equal those on ordinary memory.
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <memory>
#include <random>
#include <vector>

#include "fenced.h"
#include "stockpot.h"

namespace {

using fenced::Edge;
using fenced::Fenced;

constexpr int kTypes = 6;
constexpr size_t kBytes[] = {8, 4, 2, 2, 1, 1};
constexpr int64_t kMost = 4 * 2048 + 80;
constexpr size_t kRoom = (size_t)kMost * 8;
constexpr int kSources = 9;  // eight side by side, and one more
std::mt19937_64 rng(1);
int failures = 0;

// What is tested at the moment, for the handler.
char now[200];

void onFault(int, siginfo_t* info, void*) {
    char text[280];
    int length =
        snprintf(text, sizeof text, "failed: %s: an access outside of the operands, at %p\n", now, info->si_addr);
    if (write(STDOUT_FILENO, text, (size_t)length) != length) _exit(2);
    _exit(1);
}

void expect(bool right) {
    if (right) return;
    printf("failed: %s\n", now);
    failures++;
}

std::vector<int64_t> sizes() {
    std::vector<int64_t> all;
    for (int64_t n = 0; n <= 66; n++) all.push_back(n);
    for (int64_t n : {127, 128, 129, 255, 257, 2047, 2048, 2049, 2079, 4096, 4127, 8191, 8193}) all.push_back(n);
    return all;
}

// The same values in ordinary memory and between the pages, once at each edge.
struct Sources {
    std::vector<char> plain[kTypes];
    Fenced fenced{kRoom};

    Sources() {
        for (int dtype = 0; dtype < kTypes; dtype++) {
            plain[dtype].resize((size_t)kMost * kBytes[dtype]);
            std::vector<double> values((size_t)kMost);
            for (double& value : values) value = (double)(int64_t)rng() * 0x1p-62;
            const sp_address from = (sp_address)values.data();
            const int32_t f64 = SP_F64;
            sp_mix(SP_SCALAR, (sp_address)plain[dtype].data(), dtype, kMost, &from, &f64, 1, nullptr, 1, 0);
        }
    }
    sp_address onHost(int dtype) const { return (sp_address)plain[dtype].data(); }
    // Writes the values to an edge; no other type is there at the same time.
    sp_address place(int dtype, int64_t elements, Edge edge) const {
        const size_t bytes = (size_t)elements * kBytes[dtype];
        fenced.setAccess(PROT_READ | PROT_WRITE);
        memcpy(fenced.at(edge, bytes), plain[dtype].data(), bytes);
        fenced.setAccess(PROT_READ);
        return (sp_address)fenced.at(edge, bytes);
    }
};

using AllSources = std::vector<std::unique_ptr<Sources>>;

void checkMix(const AllSources& all, const Fenced& out, int in, int outType, int64_t elements, Edge edge) {
    const int count = (int)(1 + (elements + in + outType) % kSources);
    const bool weighted = (elements + in) % 2 != 0;
    std::vector<int32_t> dtypes((size_t)count, in);
    if (elements % 3 == 0) dtypes.back() = (int32_t)(rng() % kTypes);
    std::vector<sp_address> plain, fenced;
    const double weights[kSources] = {0.1, 0.2, 0.3, -0.1, 0.5, 0.7, 0.2, 0.3, 0.4};
    for (int k = 0; k < count; k++) {
        plain.push_back(all[(size_t)k]->onHost(dtypes[(size_t)k]));
        fenced.push_back(all[(size_t)k]->place(dtypes[(size_t)k], elements, edge));
    }
    const size_t bytes = (size_t)elements * kBytes[outType];
    std::vector<char> expected(bytes + 1);
    sp_mix(SP_SCALAR, (sp_address)expected.data(), outType, elements, plain.data(), dtypes.data(), count,
           weighted ? weights : nullptr, 3, 0);
    for (int isa = SP_SCALAR; isa <= sp_detect_isa(); isa++) {
        for (int pastCaches = 0; pastCaches < 2; pastCaches++) {
            snprintf(now, sizeof now,
                     "mix, isa %d: %d of type %d, the last %d, to %d, %lld elements, %s, past caches %d", isa, count,
                     in, dtypes.back(), outType, (long long)elements,
                     edge == fenced::kStart ? "at the start" : "at the end", pastCaches);
            char* to = out.at(edge, bytes);
            memset(to, 'e', bytes);
            expect(sp_mix(isa, (sp_address)to, outType, elements, fenced.data(), dtypes.data(), count,
                          weighted ? weights : nullptr, 3, pastCaches) == 0 &&
                   memcmp(to, expected.data(), bytes) == 0);
        }
    }
}

void checkDot(const AllSources& all, int in, int vectorType, int64_t elements, Edge edge) {
    const int count = (int)(1 + (elements + in) % 3);
    const std::vector<int32_t> dtypes((size_t)count, in);
    std::vector<sp_address> plain, fenced;
    for (int k = 0; k < count; k++) {
        plain.push_back(all[(size_t)k]->onHost(in));
        fenced.push_back(all[(size_t)k]->place(in, elements, edge));
    }
    const Sources& vector = *all[kSources - 1];
    const sp_address placed = vector.place(vectorType, elements, edge);
    std::vector<double> expected((size_t)count, 1.0);
    sp_dot(SP_SCALAR, vector.onHost(vectorType), vectorType, elements, plain.data(), dtypes.data(), count,
           expected.data());
    for (int isa = SP_SCALAR; isa <= sp_detect_isa(); isa++) {
        snprintf(now, sizeof now, "dot, isa %d: type %d with %d of %d, %lld elements, %s", isa, vectorType, count, in,
                 (long long)elements, edge == fenced::kStart ? "at the start" : "at the end");
        std::vector<double> sums((size_t)count, 1.0);
        expect(sp_dot(isa, placed, vectorType, elements, fenced.data(), dtypes.data(), count, sums.data()) == 0 &&
               sums == expected);
    }
}

void checkCopy(const Sources& source, const Fenced& out, int64_t bytes, Edge edge) {
    snprintf(now, sizeof now, "copy of %lld bytes", (long long)bytes);
    char* to = out.at(edge, (size_t)bytes);
    memset(to, 'e', (size_t)bytes);
    const sp_address from = source.place(SP_F8_E5M2, bytes, edge);
    expect(sp_copy((sp_address)to, from, bytes) == 0 && memcmp(to, (char*)from, (size_t)bytes) == 0);
    int64_t sum = 0;
    expect(sp_read(from, bytes, &sum) == 0 && (bytes == 0 || sp_populate(from, bytes) == 0));
}

}  // namespace

int main() {
    struct sigaction action = {};
    action.sa_sigaction = onFault;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &action, nullptr);
    AllSources all;
    for (int k = 0; k < kSources; k++) all.push_back(std::make_unique<Sources>());
    const Fenced out(kRoom);
    int tried = 0;
    for (int64_t elements : sizes()) {
        for (Edge edge : {fenced::kStart, fenced::kEnd}) {
            for (int in = 0; in < kTypes; in++) {
                for (int other = 0; other < kTypes; other++) {
                    checkMix(all, out, in, other, elements, edge);
                    checkDot(all, in, other, elements, edge);
                    tried++;
                }
            }
            checkCopy(*all[0], out, elements, edge);
        }
    }
    printf("instruction set %d: %d operand sets, %d failures\n", sp_detect_isa(), tried, failures);
    return failures != 0;
}
