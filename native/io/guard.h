// Turns SIGBUS inside a piece of work into a return value.
#ifndef STOCKPOT_GUARD_H
#define STOCKPOT_GUARD_H

#include <setjmp.h>
#include <stdint.h>

#include <atomic>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace stockpot {

// What the handler needs to know about a thread inside a guard.
struct Guard {
    sigjmp_buf jump;
    // Where the fault was, written by the handler.
    volatile uintptr_t address;
    Guard* outer;
};

// Installs the handler at the first call; leaves every SIGBUS outside a guard to the handler that was there before.
void installGuard();

// The innermost guard of this thread; null outside.
Guard*& currentGuard();

// The processor's arithmetic as IEEE 754 has it, whatever the calling thread had set: rounding to nearest even, and
// subnormal numbers kept. Other libraries set threads to flush them to zero.
#if defined(__x86_64__)
struct Arithmetic {
    static constexpr unsigned kUsual = 0x1F80;
    const unsigned callers = _mm_getcsr();

    void use() const {
        if ((callers | 0x3F) != (kUsual | 0x3F)) _mm_setcsr(kUsual);
    }
    // The flags of exceptions that were raised stay.
    void giveBack() const {
        if ((callers | 0x3F) != (kUsual | 0x3F)) _mm_setcsr(callers | (_mm_getcsr() & 0x3F));
    }
};
#elif defined(__aarch64__)
struct Arithmetic {
    // DN, FZ, RMode and FZ16 of FPCR; its other fields are left as they are.
    static constexpr uint64_t kUnusual = 0xF << 22 | 1 << 19;
    const uint64_t callers = get();

    static uint64_t get() {
        uint64_t value;
        __asm__ volatile("mrs %0, fpcr" : "=r"(value));
        return value;
    }
    static void set(uint64_t value) { __asm__ volatile("msr fpcr, %0" ::"r"(value)); }
    void use() const {
        if ((callers & kUnusual) != 0) set(callers & ~kUnusual);
    }
    void giveBack() const {
        if ((callers & kUnusual) != 0) set(callers);
    }
};
#else
#error "How is the processor's rounding set?"
#endif

// The signal mask is not saved, which would cost a system call: the handler does not change it (SA_NODEFER). Only
// ThreadSanitizer blocks all signals in every handler.
#ifdef __SANITIZE_THREAD__
constexpr int kSavesMask = 1;
#else
constexpr int kSavesMask = 0;
#endif

// Runs work; false if a page that it touched could not be read (its file shrank, or the disk failed), with the address
// in *fault. Work is then cut short without unwinding, so it must own nothing.
template <class Work>
bool guarded(Work work, uintptr_t* fault) {
    installGuard();
    const Arithmetic arithmetic;
    Guard guard;
    guard.outer = currentGuard();
    if (sigsetjmp(guard.jump, kSavesMask) != 0) {
        currentGuard() = guard.outer;
        arithmetic.giveBack();
        *fault = guard.address;
        return false;
    }
    arithmetic.use();
    currentGuard() = &guard;
    // The compiler must not move what touches the pages to where the handler does not know of the guard.
    std::atomic_signal_fence(std::memory_order_seq_cst);
    work();
    std::atomic_signal_fence(std::memory_order_seq_cst);
    currentGuard() = guard.outer;
    arithmetic.giveBack();
    return true;
}

}  // namespace stockpot

#endif  // STOCKPOT_GUARD_H
