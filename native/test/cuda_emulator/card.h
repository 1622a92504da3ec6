// The card that is not there: what it was asked for and what waits on it, behind the driver's functions.
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

// Of CUresult.
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

// Work in its order, which is done when somebody waits for it.
struct Stream {
    std::deque<std::function<void()>> queue;
    int lost = 0;  // the error with which work of it was lost: it says so from then on
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
    int64_t overlaps = 0;  // waits for a stream during which another one had work to do
    int contexts = 0;
    std::set<void*> modules;
    std::map<void*, std::unique_ptr<Stream>> streams;

    Card();
    ~Card();

    // Forgets all there was.
    void reset(int64_t memory, int32_t devices, int32_t version);

    // Objects that were not given back.
    int64_t live() const;
};

extern Card card;

// Makes one call: counts it, fails it if it is its turn, and lets only one in at a time. `always` says that it does its
// work even where it fails, as the calls do that give something back.
int call(bool needsContext, bool always, const std::function<int()>& work);

// A context is current in the thread from here on, or no longer.
void pushContext(void* context);
void* popContext();

// Null, and a violation, where there is none.
Stream* findStream(void* handle);

void runAll(Stream* stream);

}  // namespace stockpot::emulator

#endif  // STOCKPOT_EMULATOR_CARD_H
