#include "fiber.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

namespace stockpot::emulator {

namespace {
Fiber* entering;
}

void Fiber::restart(void (*newBody)()) {
    body = newBody;
    entered = false;
}

#ifdef SP_SANITIZED_FIBERS

Fiber::Fiber() {
#ifdef __SANITIZE_THREAD__
    sanitized = __tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
#ifdef __SANITIZE_THREAD__
    __tsan_destroy_fiber(sanitized);
#endif
}

void Fiber::enter() {
    Fiber& me = *entering;
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(nullptr, &me.resumerStack, &me.resumerBytes);
#endif
    me.body();
}

void Fiber::resume() {
    if (!entered) {
        entered = true;
        getcontext(&context);
        context.uc_stack.ss_sp = stack.get();
        context.uc_stack.ss_size = kStack;
        context.uc_link = nullptr;
        makecontext(&context, enter, 0);
        entering = this;
        sanitizedResumer = nullptr;
    }
#ifdef __SANITIZE_ADDRESS__
    void* mine = nullptr;
    __sanitizer_start_switch_fiber(&mine, stack.get(), kStack);
#endif
#ifdef __SANITIZE_THREAD__
    sanitizedResumer = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(sanitized, 0);
#endif
    swapcontext(&resumer, &context);
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(mine, nullptr, nullptr);
#endif
}

void Fiber::leave() {
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_start_switch_fiber(&sanitized, resumerStack, resumerBytes);
#endif
#ifdef __SANITIZE_THREAD__
    __tsan_switch_to_fiber(sanitizedResumer, 0);
#endif
    swapcontext(&context, &resumer);
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(sanitized, &resumerStack, &resumerBytes);
#endif
}

#else

Fiber::Fiber() = default;
Fiber::~Fiber() = default;

void Fiber::enter() { entering->body(); }

// Only the first switch to a fiber costs a system call.
void Fiber::resume() {
    if (_setjmp(resumer) != 0) return;
    if (entered) _longjmp(here, 1);
    entered = true;
    entering = this;
    getcontext(&context);
    context.uc_stack.ss_sp = stack.get();
    context.uc_stack.ss_size = kStack;
    context.uc_link = nullptr;
    makecontext(&context, enter, 0);
    setcontext(&context);
}

void Fiber::leave() {
    if (_setjmp(here) == 0) _longjmp(resumer, 1);
}

#endif

}  // namespace stockpot::emulator
