#include "compiled.h"

#include <stdlib.h>
#include <string.h>

#include <new>

#include "../store_past.h"
#include "allocation.h"
#include "code_memory.h"
#include "frame.h"
#include "lowering.h"

namespace stockpot::jit {

namespace {

using Code = void (*)(char* frame, int64_t from, int64_t to);

// A formula that was compiled, and what the code depends on. Without code it cannot be compiled.
struct Entry {
    Code code;
    int frameBytes;
    // Values that it keeps, and whether it forms sums in loops of their own.
    int kept;
    bool sumsApart;
    int32_t* key;
    int keyInts;
};

// What a thread has compiled. What it has no room for any more it forgets, all at once.
class Compiler {
 public:
    ~Compiler() {
        clear();
        free(frame_);
    }

    const Entry* find(const FormulaCall& call, bool wide, const Frame& frame) {
        const int ints = 6 + call.steps * 5 + call.count + call.constantCount + frame.windowCount + frame.binsCount +
                         frame.generatorCount;
        int32_t* key = (int32_t*)malloc((size_t)ints * 4);
        if (!key) return nullptr;
        writeKey(key, call, wide, frame);
        for (int k = 0; k < count_; k++) {
            if (entries_[k].keyInts == ints && memcmp(entries_[k].key, key, (size_t)ints * 4) == 0) {
                free(key);
                return &entries_[k];
            }
        }
        if (count_ == kMost || memory_.room() < CodeMemory::kBytes / 4) clear();
        Entry& entry = entries_[count_++];
        entry = {nullptr, 0, 0, false, key, ints};
        if (Lowering::knows(call, wide)) compile(call, wide, frame, entry);
        return &entry;
    }

    char* frame(int bytes) {
        if (bytes > frameBytes_) {
            free(frame_);
            frame_ = (char*)aligned_alloc(64, (size_t)(bytes + 63) / 64 * 64);
            frameBytes_ = frame_ ? bytes : 0;
        }
        return frame_;
    }

 private:
    static constexpr int kMost = 64;

    static void writeKey(int32_t* key, const FormulaCall& call, bool wide, const Frame& frame) {
        int n = 0;
        key[n++] = wide;
        key[n++] = call.steps;
        key[n++] = call.count;
        key[n++] = call.sumCount;
        key[n++] = call.out ? call.outDtype : -1;
        key[n++] = call.pastCaches;
        memcpy(key + n, call.code, (size_t)call.steps * 20), n += call.steps * 5;
        memcpy(key + n, call.sourceDtypes, (size_t)call.count * 4), n += call.count;
        for (int k = 0; k < call.constantCount; k++) key[n++] = isZero(call, ~k);
        for (int k = 0; k < frame.windowCount; k++) key[n++] = startsAtTop(call, k);
        for (int k = 0; k < frame.binsCount; k++) key[n++] = rangesOf(call, k);
        // Which loops a generator takes depends on its constant, if it has one.
        for (int k = 0; k < frame.generatorCount; k++) key[n++] = Lowering::kindOf(call, wide, k);
    }

    void compile(const FormulaCall& call, bool wide, const Frame& frame, Entry& entry) {
        uint8_t* to = memory_.open();
        if (!to) return;
        Assembler assembler(to, memory_.room());
        if (write(call, wide, frame, entry, assembler) && assembler.fits() && memory_.keep(assembler.bytes())) {
            entry.code = (Code)to;
        }
    }

    // Writes a loop for the formula, and those that form its sums. Whether it could.
    static bool write(const FormulaCall& call, bool wide, const Frame& frame, Entry& entry, Assembler& to) {
        Listing* listing = new (std::nothrow) Listing;
        Lowering* lowering = listing ? new (std::nothrow) Lowering(call, wide, frame, *listing) : nullptr;
        bool written = lowering != nullptr;
        entry.frameBytes = frame.spills;
        auto loop = [&] {
            to.toFirst();
            Allocation* allocation =
                listing->full() ? nullptr : new (std::nothrow) Allocation(*listing, frame, frame.spills, to);
            if (allocation) {
                allocation->run();
                if (allocation->frameBytes() > entry.frameBytes) entry.frameBytes = allocation->frameBytes();
            }
            written = written && allocation;
            delete allocation;
            listing->clear();
        };
        if (written) {
            to.keepFirst();
            for (int g = 0; g < frame.generatorCount; g += Lowering::kTogether) {
                lowering->generate(g);
                loop();
            }
            lowering->run();
            loop();
            for (int t = 0; t < lowering->termCount(); t += lowering->group(t)) {
                for (int octet = 0; octet < Lowering::kOctets; octet++) {
                    lowering->sum(t, octet, *listing);
                    loop();
                }
            }
            entry.kept = lowering->keptCount();
            entry.sumsApart = lowering->termCount() > 0;
            to.finish();
        }
        delete lowering;
        delete listing;
        return written;
    }

    void clear() {
        for (int k = 0; k < count_; k++) free(entries_[k].key);
        count_ = 0;
        memory_.clear();
    }

    CodeMemory memory_;
    Entry entries_[kMost];
    int count_ = 0;
    char* frame_ = nullptr;
    int frameBytes_ = 0;
};

// A library that is loaded late has little room for what threads have of their own.
struct Own {
    Compiler* compiler = nullptr;

    ~Own() { delete compiler; }

    Compiler* get() {
        if (!compiler) compiler = new (std::nothrow) Compiler;
        return compiler;
    }
};
thread_local Own own;

}  // namespace

bool allowed() {
    CodeMemory memory;
    return memory.open() && memory.keep(1);
}

int64_t run(const FormulaCall& call, bool wide, double* lanes, char* largest) {
    // What a frame costs to fill.
    constexpr int64_t kLeast = 4 * kStride;
    const int64_t whole = call.elements / kStride * kStride;
    const Frame frame(call, wide);
    // Sums may read a source again after the output was written.
    for (int k = 0; k < call.count; k++) {
        if (call.out && (const char*)call.sources[k] == call.out) return 0;
    }
    if (whole < kLeast || (frame.generatorCount > 0 && call.first % kStride != 0)) return 0;
    Compiler* compiler = own.get();
    const Entry* entry = compiler ? compiler->find(call, wide, frame) : nullptr;
    if (!entry || !entry->code) return 0;
    char* to = compiler->frame(entry->frameBytes);
    if (!to) return 0;
    fill(to, call, wide, frame);
    countFound(to, call, frame);
    const int bytes = wide ? 8 : 4;
    int64_t block = whole;
    if (call.sumCount > 0 || frame.binsCount > 0 || frame.generatorCount > 0) block = SP_DOT_BLOCK;
    if (entry->sumsApart) block = kKeptBytes / bytes;
    double* sums = (double*)(to + frame.sums);
    for (int64_t at = 0, next; at < whole; at = next) {
        const int64_t end = (at / block + 1) * block;
        next = limit(to, frame, at, end < whole ? end : whole);
        for (int k = 0; k < entry->kept; k++) {
            ((int64_t*)(to + frame.sources))[call.count + 1 + k] =
                (int64_t)(to + frame.kept) + k * (int64_t)kKeptBytes - at * bytes;
        }
        entry->code(to, at, next);
        countFound(to, call, frame);
        if (call.sumCount > 0 && (next % SP_DOT_BLOCK == 0 || next == call.elements)) addLanes(call, frame, sums);
    }
    if (call.pastCaches) finishPast();
    copyLanes(lanes, call, frame, sums);
    memcpy(largest, ((Common*)to)->largest, 64);
    addCounts(to, call, frame);
    return whole;
}

}  // namespace stockpot::jit
