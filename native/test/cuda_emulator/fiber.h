// A function that can stop in the middle and go on later, on a stack of its own.
#ifndef STOCKPOT_EMULATOR_FIBER_H
#define STOCKPOT_EMULATOR_FIBER_H

#include <setjmp.h>
#include <stddef.h>
#include <ucontext.h>

#include <memory>

// Sanitizers must hear of every change of the stack, and cannot follow jumps between stacks.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SP_SANITIZED_FIBERS
#endif

namespace stockpot::emulator {

class Fiber {
 public:
    Fiber();
    ~Fiber();
    Fiber(const Fiber&) = delete;

    // Runs `body`, which must not return, from its start at the next resume. One body for all fibers.
    void restart(void (*body)());

    // Runs it until it leaves.
    void resume();

    // Inside of it: back to whoever resumed it.
    void leave();

 private:
    static constexpr size_t kStack = 64 << 10;
    static void enter();

    std::unique_ptr<char[]> stack{new char[kStack]};
    void (*body)() = nullptr;
    ucontext_t context;
    bool entered = false;
#ifdef SP_SANITIZED_FIBERS
    ucontext_t resumer;
    void* sanitized = nullptr;         // what the sanitizer knows of this stack
    void* sanitizedResumer = nullptr;  // and of the other
    const void* resumerStack = nullptr;
    size_t resumerBytes = 0;
#else
    jmp_buf here;
    jmp_buf resumer;
#endif
};

}  // namespace stockpot::emulator

#endif  // STOCKPOT_EMULATOR_FIBER_H
