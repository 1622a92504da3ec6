// A mapped file that shrinks is reported, by operand, again and again; and a SIGBUS outside the guard goes to the
// earlier handler.
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include <atomic>
#include <thread>
#include <vector>

#include "stockpot.h"

namespace {

sigjmp_buf outside;

void earlierHandler(int) { siglongjmp(outside, 1); }

bool earlierHandlerIsCalled(sp_address address) {
    if (sigsetjmp(outside, 1) != 0) return true;
    (void)*(volatile char*)address;
    return false;
}

// A signal that was sent to a thread inside a kernel is no fault of its sources.
bool sentSignalGoesToTheEarlierHandler(const std::vector<float>& values, std::vector<float>& out) {
    const pthread_t mixing = pthread_self();
    std::atomic<bool> done{false};
    std::thread sender([mixing, &done] {
        while (!done) {
            usleep(1000);
            pthread_kill(mixing, SIGBUS);
        }
    });
    volatile bool called = false;
    volatile bool wrong = false;
    if (sigsetjmp(outside, 1) != 0) called = true;
    const sp_address sources[] = {(sp_address)values.data()};
    const int32_t dtypes[] = {SP_F32};
    while (!called) {
        if (sp_mix(sp_detect_isa(), (sp_address)out.data(), SP_F32, (int64_t)values.size(), sources, dtypes, 1, nullptr,
                   1, 0) != 0) {
            wrong = true;
            break;
        }
    }
    done = true;
    // One more signal may come until the thread has ended.
    sigset_t bus;
    sigemptyset(&bus);
    sigaddset(&bus, SIGBUS);
    pthread_sigmask(SIG_BLOCK, &bus, nullptr);
    sender.join();
    const timespec now = {};
    while (sigtimedwait(&bus, nullptr, &now) == SIGBUS) {
    }
    pthread_sigmask(SIG_UNBLOCK, &bus, nullptr);
    return called && !wrong;
}

// The system tells of memory that has failed only which page it was, where an operand may begin in the middle.
sp_address failedPage;

void tellFailure(int) {
    siginfo_t info = {};
    info.si_signo = SIGBUS;
    info.si_code = BUS_MCEERR_AR;
    info.si_addr = (void*)failedPage;
    syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGBUS, &info);
}

// As by a timer inside a kernel, until it is told there.
int failsInside(int64_t elements, const sp_address* sources, const sp_address vector, std::vector<float>& out) {
    struct sigaction action = {}, before;
    action.sa_handler = tellFailure;
    action.sa_flags = SA_NODEFER;  // It is jumped out of.
    sigaction(SIGALRM, &action, &before);
    const int32_t dtypes[] = {SP_F32, SP_F32};
    double sums[2];
    volatile int answer = 0;
    // Where the program goes on if it came between two calls.
    sigsetjmp(outside, 1);
    while (answer == 0) {
        const itimerval soon = {{}, {0, 200}};
        setitimer(ITIMER_REAL, &soon, nullptr);
        const int isa = sp_detect_isa();
        answer = vector == 0 ? sp_mix(isa, (sp_address)out.data(), SP_F32, elements, sources, dtypes, 2, nullptr, 2, 0)
                             : sp_dot(isa, vector, SP_F32, elements, sources, dtypes, 2, sums);
    }
    const itimerval never = {};
    setitimer(ITIMER_REAL, &never, nullptr);
    sigaction(SIGALRM, &before, nullptr);
    return answer;
}

bool aFailedPageIsNamedByItsOperand() {
    constexpr int64_t kElements = 1 << 20;
    std::vector<float> out(kElements);
    char* pages =
        (char*)mmap(nullptr, 3 * (kElements * 4 + 8192), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    // Each begins in the middle of a page that no other touches.
    sp_address operands[3];
    for (int k = 0; k < 3; k++) operands[k] = (sp_address)pages + k * (kElements * 4 + 8192) + 1024;
    const int answers[] = {1, 2, SP_FAULT_VECTOR};
    bool right = true;
    for (int k = 0; k < 3; k++) {
        failedPage = operands[k] - 1024;
        right = right && failsInside(kElements, operands, k == 2 ? operands[2] : 0, out) == answers[k];
    }
    munmap(pages, 3 * (kElements * 4 + 8192));
    return right;
}

// Kernels keep subnormal numbers on threads that flush them to zero, and leave such a thread as it was.
bool callersArithmeticDoesNotMatter() {
#if defined(__x86_64__)
    constexpr unsigned kFlushing = 0x8040, kRoundingUp = 0x4000;
    const unsigned before = _mm_getcsr();
    const float tiny = 1e-40f, third = 1.0f / 3;
    bool right = true;
    for (int isa = 0; isa <= sp_detect_isa(); isa++) {
        std::vector<float> a(100, tiny), b(100, tiny), c(100, third), sum(100), mean(100);
        const sp_address two[] = {(sp_address)a.data(), (sp_address)b.data()};
        const sp_address three[] = {(sp_address)c.data(), (sp_address)a.data(), (sp_address)c.data()};
        const int32_t dtypes[] = {SP_F32, SP_F32, SP_F32};
        _mm_setcsr(before | kFlushing | kRoundingUp);
        const int faults = sp_mix(isa, (sp_address)sum.data(), SP_F32, 100, two, dtypes, 2, nullptr, 1, 0) +
                           sp_mix(isa, (sp_address)mean.data(), SP_F32, 100, three, dtypes, 3, nullptr, 3, 0);
        right = right && faults == 0 && (_mm_getcsr() & (kFlushing | kRoundingUp)) == (kFlushing | kRoundingUp);
        _mm_setcsr(before);
        std::vector<float> usual(100);
        sp_mix(isa, (sp_address)usual.data(), SP_F32, 100, three, dtypes, 3, nullptr, 3, 0);
        right = right && sum[99] == tiny + tiny && sum[99] != 0 && mean == usual;
    }
    return right;
#else
    return true;
#endif
}

// Every kind of operand that cannot be read or written has its own answer. `gone` begins a mapping of `elements` F32
// that has only its first page left, `output` one for writing.
const char* faultThatIsNotNamed(sp_address gone, sp_address output, int64_t elements) {
    std::vector<float> plain((size_t)elements, 1.0f);
    const sp_address whole = (sp_address)plain.data();
    const sp_address last[] = {whole, whole, gone}, first[] = {gone, whole, whole}, none[] = {whole, whole, whole};
    const int32_t dtypes[] = {SP_F32, SP_F32, SP_F32};
    double sums[3] = {};
    int64_t sum = 0;
    for (int isa = SP_SCALAR; isa <= sp_detect_isa(); isa++) {
        auto dot = [&](sp_address vector, const sp_address* sources) {
            return sp_dot(isa, vector, SP_F32, elements, sources, dtypes, 3, sums);
        };
        if (dot(whole, last) != 3 || dot(whole, first) != 1) return "a dot product's source";
        if (dot(gone, none) != SP_FAULT_VECTOR) return "a dot product's vector";
        if (dot(whole, none) != 0) return "a dot product after faults";
        for (int pastCaches = 0; pastCaches < 2; pastCaches++) {
            auto mix = [&](sp_address out, const sp_address* sources) {
                return sp_mix(isa, out, SP_F32, elements, sources, dtypes, 3, nullptr, 3, pastCaches);
            };
            if (mix(output, none) != SP_FAULT_UNKNOWN) return "an output that cannot be written";
            std::vector<float> out((size_t)elements);
            if (mix((sp_address)out.data(), last) != 3 || mix((sp_address)out.data(), first) != 1) return "a source";
            if (mix((sp_address)out.data(), none) != 0 || out != plain) return "a mix after faults";
        }
    }
    std::vector<float> out((size_t)elements);
    if (sp_copy((sp_address)out.data(), gone, elements * 4) != EFAULT) return "a copy from what is gone";
    if (sp_copy(output, whole, elements * 4) != EFAULT) return "a copy to what is gone";
    if (sp_copy((sp_address)out.data(), whole, elements * 4) != 0 || out != plain) return "a copy after faults";
    if (sp_populate(gone, elements * 4) != EFAULT || sp_populate(gone, 4096) != 0) return "populating";
    if (sp_read(gone, elements * 4, &sum) != EFAULT || sp_read(gone, 4096, &sum) != 0) return "a plain read";
    return nullptr;
}

int fail(const char* what) {
    printf("failed: %s\n", what);
    return 1;
}

}  // namespace

int main() {
    struct sigaction action = {};
    action.sa_handler = earlierHandler;
    sigaction(SIGBUS, &action, nullptr);

    constexpr int64_t kElements = 1 << 20;
    std::vector<float> plain(kElements, 1.0f), out(kElements);
    char path[] = "guard_test_XXXXXX";
    int descriptor = mkstemp(path);
    int64_t file[2] = {};
    for (int round = 0; round < 100; round++) {
        if (ftruncate(descriptor, kElements * 4) != 0) return fail("ftruncate");
        if (sp_map_file((const int8_t*)path, file) != 0) return fail("map");
        const sp_address sources[] = {(sp_address)plain.data(), file[0]};
        const int32_t dtypes[] = {SP_F32, SP_F32};
        auto mix = [&] {
            return sp_mix(sp_detect_isa(), (sp_address)out.data(), SP_F32, kElements, sources, dtypes, 2, nullptr, 2,
                          0);
        };
        if (mix() != 0 || out[kElements - 1] != 0.5f) return fail("mix of a whole file");
        if (ftruncate(descriptor, 4096) != 0) return fail("ftruncate");
        if (mix() != 2) return fail("fault named by its source");
        if (!earlierHandlerIsCalled(file[0] + 8192)) return fail("no SIGBUS outside the guard");
        if (round == 0) {
            void* output = mmap(nullptr, kElements * 4, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
            const char* unnamed = faultThatIsNotNamed(file[0], (sp_address)output, kElements);
            if (unnamed != nullptr) return fail(unnamed);
            munmap(output, kElements * 4);
        }
        sp_unmap_file(file[0], file[1]);
    }
    unlink(path);
    if (!sentSignalGoesToTheEarlierHandler(plain, out)) return fail("a signal that was sent");
    if (!aFailedPageIsNamedByItsOperand()) return fail("a page that failed");
    if (!callersArithmeticDoesNotMatter()) return fail("a thread that flushes subnormal numbers to zero");
    printf("100 truncations survived\n");
    return 0;
}
