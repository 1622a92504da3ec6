#include "card.h"

#include <stdio.h>
#include <stdlib.h>

#include <vector>

#include "memory.h"

namespace stockpot::emulator {

Card card;

namespace {

thread_local std::vector<void*> currentContexts;

}  // namespace

Card::Card() {
    if (const char* text = getenv("STOCKPOT_EMULATED_MEMORY")) setDeviceMemory((size_t)atoll(text));
    if (const char* text = getenv("STOCKPOT_EMULATED_DEVICES")) deviceCount = atoi(text);
    if (const char* text = getenv("STOCKPOT_EMULATED_VERSION")) driverVersion = atoi(text);
    if (const char* text = getenv("STOCKPOT_EMULATED_FAILURE")) {
        long long n = 0;
        if (sscanf(text, "%lld:%d", &n, &failCode) == 2) failCall = n;
    }
}

Card::~Card() {
    if (live() != 0) fprintf(stderr, "emulated card: %lld objects were not given back\n", (long long)live());
}

void Card::reset(int64_t memory, int32_t devices, int32_t version) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    streams.clear();
    modules.clear();
    contexts = 0;
    calls = failCall = uploaded = downloaded = launches = 0;
    deviceCount = devices;
    driverVersion = version;
    resetMemory();
    setDeviceMemory((size_t)memory);
}

int64_t Card::live() const { return (int64_t)(liveAllocations() + streams.size() + modules.size()) + contexts; }

int call(bool needsContext, bool always, const std::function<int()>& work) {
    std::lock_guard<std::recursive_mutex> guard(card.lock);
    card.calls++;
    if (card.failCall != 0 && --card.failCall == 0) {
        if (always) {
            work();
            return card.failCode;
        }
        // As after a fault of a card, queued work is lost, and waiting for it reports the error.
        for (auto& stream : card.streams) {
            if (!stream.second->queue.empty()) stream.second->lost = card.failCode;
            stream.second->queue.clear();
        }
        return card.failCode;
    }
    if (needsContext && currentContexts.empty()) {
        violate("a call without a current context");
        return kInvalidContext;
    }
    // A card that failed once fails until the process ends.
    if (violations() > 0 && needsContext && !always) return kIllegalAddress;
    int64_t before = violations();
    int result = work();
    return result == kSuccess && violations() > before ? kIllegalAddress : result;
}

void pushContext(void* context) { currentContexts.push_back(context); }

void* popContext() {
    void* last = currentContexts.back();
    currentContexts.pop_back();
    return last;
}

Stream* findStream(void* handle) {
    auto at = card.streams.find(handle);
    if (at == card.streams.end()) {
        violate("a stream that is not there");
        return nullptr;
    }
    return at->second.get();
}

void runAll(Stream* stream) {
    while (!stream->queue.empty()) {
        std::function<void()> next = std::move(stream->queue.front());
        stream->queue.pop_front();
        next();
    }
}

}  // namespace stockpot::emulator
