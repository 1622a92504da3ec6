// sp_mix and sp_dot over operands of any types, sizes and alignments, each in memory of exactly its size: every
// instruction set gives the scalar one's bits, whatever floating-point mode the caller has set.
#include <math.h>
#include <string.h>

#include <vector>

#include "input.h"
#include "stockpot.h"
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace {

constexpr int kTypes = 6;
constexpr int kBytes[] = {8, 4, 2, 2, 1, 1};
constexpr int kMostSources = 20;
constexpr int kMostElements = 5000;

// Memory that ends where the operand does, and begins up to 15 bytes before it.
struct Operand {
    Operand(int type, int64_t elements, int shift)
        : dtype(type), bytes((size_t)(elements * kBytes[type])), start((char*)malloc(bytes + (size_t)shift + 1)) {
        // malloc(0) may be null; the one byte that is too many comes first.
        data = start + shift + 1;
    }
    Operand(const Operand&) = delete;
    Operand& operator=(const Operand&) = delete;
    ~Operand() { free(start); }

    sp_address address() const { return (sp_address)data; }

    int dtype;
    size_t bytes;
    char* start;
    char* data;
};

// Bits of all kinds: random ones, values near one, and runs of what the fuzzer chose.
void fill(Operand& operand, int64_t elements, Input& in) {
    uint64_t state = (uint64_t)in.word() | 1;
    const int kind = in.below(4);
    const uint64_t special = (uint64_t)in.word();
    for (int64_t i = 0; i < elements; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        uint64_t bits = state;
        if (kind == 1 || (kind == 2 && state % 8 != 0)) {
            double value = (double)(int64_t)state * 0x1p-62;
            float rounded = (float)value;
            if (operand.dtype == SP_F64) memcpy(&bits, &value, 8);
            if (operand.dtype == SP_F32) memcpy(&bits, &rounded, 4);
            if (operand.dtype == SP_BF16) memcpy(&bits, (char*)&rounded + 2, 2);
        }
        if (kind == 3 && state % 4 == 0) bits = special;
        memcpy(operand.data + i * kBytes[operand.dtype], &bits, (size_t)kBytes[operand.dtype]);
    }
}

// Sets the mode that the caller of a kernel has; its end restores the usual one.
class Mode {
 public:
    explicit Mode(int mode) {
#if defined(__x86_64__)
        constexpr unsigned kRounding = 0x6000, kFlushing = 0x8040;
        _mm_setcsr(usual_ | ((unsigned)mode << 13 & kRounding) | (mode & 4 ? kFlushing : 0));
#else
        (void)mode;
#endif
    }
#if defined(__x86_64__)
    ~Mode() { _mm_setcsr(usual_); }

 private:
    const unsigned usual_ = _mm_getcsr();
#endif
};

struct Sources {
    Sources(Input& in, int64_t elements, int count) {
        const bool one = in.below(2) != 0;
        for (int k = 0; k < count; k++) {
            const int32_t dtype = one && k > 0 ? dtypes[0] : in.below(kTypes);
            operands.push_back(new Operand(dtype, elements, in.below(16)));
            fill(*operands.back(), elements, in);
            dtypes.push_back(dtype);
            addresses.push_back(operands.back()->address());
        }
    }
    ~Sources() {
        for (Operand* operand : operands) delete operand;
    }

    std::vector<Operand*> operands;
    std::vector<int32_t> dtypes;
    std::vector<sp_address> addresses;
};

void mix(Input& in, int64_t elements, int count, int mode) {
    Sources sources(in, elements, count);
    const bool weighted = in.below(2) != 0;
    std::vector<double> weights;
    for (int k = 0; k < count; k++) {
        const int64_t bits = in.word();
        double weight;
        memcpy(&weight, &bits, 8);
        weights.push_back(in.below(4) == 0 ? weight : (double)bits * 0x1p-63);
    }
    const double divisor = weighted ? (double)in.word() * 0x1p-60 : count;
    const int dtype = in.below(kTypes);
    Operand expected(dtype, elements, 0);
    auto into = [&](int isa, sp_address out, int pastCaches) {
        return sp_mix(isa, out, dtype, elements, sources.addresses.data(), sources.dtypes.data(), count,
                      weighted ? weights.data() : nullptr, divisor, pastCaches);
    };
    const int answer = into(SP_SCALAR, expected.address(), 0);
    require(answer == 0 || answer == SP_NOT_FINITE, "a scalar kernel failed");
    const int shift = in.below(16);
    for (int isa = SP_SCALAR; isa <= sp_detect_isa(); isa++) {
        for (int pastCaches = 0; pastCaches < 2; pastCaches++) {
            Operand out(dtype, elements, shift);
            int same;
            {
                Mode callers(mode);
                same = into(isa, out.address(), pastCaches);
            }
            require(same == answer, "a kernel failed, or does not tell alike whether all sums are finite");
            require(memcmp(out.data, expected.data, out.bytes) == 0, "the kernels' sums differ");
        }
    }
    // In place, over the last source of that type.
    for (int k = count - 1; k >= 0; k--) {
        if (sources.dtypes[(size_t)k] == dtype) {
            Operand& place = *sources.operands[(size_t)k];
            require(into(sp_detect_isa(), place.address(), in.below(2)) == answer, "a kernel failed");
            require(memcmp(place.data, expected.data, place.bytes) == 0, "a source that is overwritten is read again");
            break;
        }
    }
}

void dot(Input& in, int64_t elements, int count, int mode) {
    const int dtype = in.below(kTypes);
    Operand vector(dtype, elements, in.below(16));
    fill(vector, elements, in);
    Sources sources(in, elements, count);
    // Parts of whole blocks give the sums that one call gives.
    const int64_t part = in.below(2) ? (int64_t)SP_DOT_BLOCK : elements + 1;
    std::vector<double> expected;
    for (int isa = SP_SCALAR; isa <= sp_detect_isa(); isa++) {
        std::vector<double> sums((size_t)count, 0.5);
        for (int64_t from = 0; from < elements; from += isa == SP_SCALAR ? elements + 1 : part) {
            std::vector<sp_address> at;
            for (int k = 0; k < count; k++) {
                at.push_back(sources.addresses[(size_t)k] + from * kBytes[sources.dtypes[(size_t)k]]);
            }
            const int64_t rest = elements - from;
            Mode callers(isa == SP_SCALAR ? 0 : mode);
            const int fault = sp_dot(isa, vector.address() + from * kBytes[dtype], dtype,
                                     isa == SP_SCALAR || rest < part ? rest : part, at.data(), sources.dtypes.data(),
                                     count, sums.data());
            if (fault != 0) require(false, "a kernel failed");
        }
        if (isa == SP_SCALAR) expected = sums;
        for (size_t k = 0; k < sums.size(); k++) {
            require(memcmp(&sums[k], &expected[k], 8) == 0 || (isnan(sums[k]) && isnan(expected[k])),
                    "the kernels' dot products differ");
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
    Input in(bytes, size);
    const int what = in.below(2);
    const int64_t elements = (in.byte() << 8 | in.byte()) % kMostElements;
    const int count = 1 + in.below(kMostSources);
    const int mode = in.below(8);
    what == 0 ? mix(in, elements, count, mode) : dot(in, elements, count, mode);
    return 0;
}
