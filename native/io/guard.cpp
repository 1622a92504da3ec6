#include "guard.h"

#include <pthread.h>
#include <signal.h>

namespace {

struct sigaction previous;
pthread_once_t once = PTHREAD_ONCE_INIT;
// Part of the thread from its start: the handler must not allocate it on a thread that never ran a kernel.
__attribute__((tls_model("initial-exec"))) thread_local stockpot::Guard* current = nullptr;

// Whether the signal says that a page could not be read, rather than that something sent it.
bool isPageFault(const siginfo_t* info) { return info->si_code == BUS_ADRERR || info->si_code == BUS_MCEERR_AR; }

void onBusError(int signal, siginfo_t* info, void* context) {
    stockpot::Guard* guard = current;
    if (guard != nullptr && isPageFault(info)) {
        guard->address = (uintptr_t)info->si_addr;
        siglongjmp(guard->jump, 1);
    }
    if (previous.sa_flags & SA_SIGINFO) return previous.sa_sigaction(signal, info, context);
    if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) return previous.sa_handler(signal);
    // A signal that an instruction caused cannot be ignored.
    if (previous.sa_handler == SIG_IGN && info->si_code <= 0) return;
    // The instruction runs again after this return and faults with the default action.
    ::signal(SIGBUS, SIG_DFL);
    // A signal that was sent, not caused by an instruction, does not come again on its own.
    if (info->si_code <= 0) raise(SIGBUS);
}

void install() {
    struct sigaction action = {};
    action.sa_sigaction = onBusError;
    // SA_ONSTACK: the JVM's threads may have little stack left; SA_NODEFER: jumping out must not leave SIGBUS blocked.
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    // Known before the handler is there: another thread's signal may come at once.
    sigaction(SIGBUS, nullptr, &previous);
    sigaction(SIGBUS, &action, nullptr);
}

}  // namespace

void stockpot::installGuard() { pthread_once(&once, install); }

stockpot::Guard*& stockpot::currentGuard() { return current; }
