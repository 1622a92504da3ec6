// The emulated card, which the driver's functions share: the calls made to it, and the work waiting on it.
#ifndef STOCKPOT_EMULATOR_CARD_H
#define STOCKPOT_EMULATOR_CARD_H

#include <stdint.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>

namespace stockpot::emulator {

// Values of CUresult.
enum Result {
    kSuccess = 0,
    kInvalidValue = 1,
    kOutOfMemory = 2,
    kNotInitialized = 3,
    kNoDevice = 100,
    kInvalidDevice = 101,
    kInvalidContext = 201,
    kInvalidHandle = 400,
    kNotFound = 500,
    kIllegalAddress = 700,
};

// Work in its order, which is done when a caller waits for it.
struct Stream {
    std::deque<std::function<void()>> queue;
    int lost = 0;  // the error with which work in it was lost, reported from then on
};

struct Card {
    std::recursive_mutex lock;
    bool initialized = false;
    int32_t deviceCount = 1;
    int32_t driverVersion = 13000;
    int64_t calls = 0;
    int64_t failCall = 0;
    int32_t failCode = 0;
    int64_t uploaded = 0, downloaded = 0, launches = 0;
    int32_t order = -1;    // of the threads of a launch; -1 for each in turn
    int64_t overlaps = 0;  // waits for a stream while another one had work to do
    int contexts = 0;
    uintptr_t modulesLoaded = 0;
    std::set<void*> modules;
    std::map<void*, std::unique_ptr<Stream>> streams;

    Card();
    ~Card();

    // Forgets everything.
    void reset(int64_t memory, int32_t devices, int32_t version);

    // Objects that were not freed.
    int64_t live() const;
};

extern Card card;

// Makes one call: counts it, fails it if it is its turn, and lets only one in at a time. `always` says that it does its
// work even if it fails, as the calls that free something do.
int call(bool needsContext, bool always, const std::function<int()>& work);

// Makes a context current in the thread, or no longer current.
void pushContext(void* context);
void* popContext();

// Null, and a violation, if there is none.
Stream* findStream(void* handle);

void runAll(Stream* stream);

}  // namespace stockpot::emulator

#endif  // STOCKPOT_EMULATOR_CARD_H
