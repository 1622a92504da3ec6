#include "plan.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

namespace faults {
namespace {

struct Named {
    const char* name;
    int error;
};

constexpr Named kErrors[] = {
    {"EIO", EIO},       {"ENOSPC", ENOSPC}, {"EDQUOT", EDQUOT}, {"EINTR", EINTR},   {"EMFILE", EMFILE},
    {"ENOMEM", ENOMEM}, {"EACCES", EACCES}, {"ENOLCK", ENOLCK}, {"EINVAL", EINVAL}, {"EROFS", EROFS},
};

// FAULT_AT is N, the number of one call; N+, of it and all that follow; or %K:SEED, about one in K.
struct When {
    long first = 0;
    bool on = false;
    long odds = 0;
    uint64_t seed = 0;

    bool has(long number) const {
        if (odds > 0) return mixed(seed * 1000003 + (uint64_t)number) % (uint64_t)odds == 0;
        return first > 0 && (on ? number >= first : number == first);
    }

    // The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
    static uint64_t mixed(uint64_t x) {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
};

struct Plan {
    const char* folders = getenv("FAULT_FOLDERS");  // Separated by colons.
    const char* calls = getenv("FAULT_CALLS");      // Separated by commas; all if there is none.
    const char* does = getenv("FAULT_DO");          // fail:EIO, short, kill, kill-after, run, delay:MILLISECONDS
    const char* command = getenv("FAULT_COMMAND");  // For /bin/sh.
    const char* lacks = getenv("FAULT_LACKS");      // Calls that always fail, as the file system has none: not counted.
    When when;
    int log = -1;
    int error = EIO;
    std::atomic<long> count{0};

    Plan() {
        char self[4096];
        ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
        self[length < 0 ? 0 : length] = 0;
        const char* name = strrchr(self, '/');
        const char* program = getenv("FAULT_PROGRAM");
        // An evaluator and the helper that starts it inherit the environment.
        if (program != nullptr && (name == nullptr || strcmp(name + 1, program) != 0)) folders = nullptr;
        if (folders == nullptr) return;
        if (const char* at = getenv("FAULT_AT")) readWhen(at);
        if (const char* file = getenv("FAULT_LOG"))
            log = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (does != nullptr && strncmp(does, "fail:", 5) == 0) {
            for (Named named : kErrors)
                if (strcmp(named.name, does + 5) == 0) error = named.error;
        }
    }

    void readWhen(const char* at) {
        char* end = nullptr;
        if (at[0] == '%') {
            when.odds = strtol(at + 1, &end, 10);
            when.seed = *end == ':' ? strtoull(end + 1, nullptr, 10) : 0;
        } else {
            when.first = strtol(at, &end, 10);
            when.on = *end == '+';
        }
    }
};

Plan& plan() {
    static Plan* made = new Plan;  // Never destroyed: threads still make calls while the process exits.
    return *made;
}

// Whether a list of words has a word; or, for folders, one that the word is in.
bool among(const char* list, char separator, const char* word, bool within) {
    for (const char* part = list; *part != 0;) {
        const char* end = strchr(part, separator);
        size_t length = end == nullptr ? strlen(part) : (size_t)(end - part);
        bool begins = length > 0 && strncmp(part, word, length) == 0;
        if (begins && (word[length] == 0 || (within && word[length] == '/'))) return true;
        part += length + (end == nullptr ? 0 : 1);
    }
    return false;
}

void sleepFor(long milliseconds) {
    timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

void runCommand(const char* command) {
    // Without this library, whose variable would count the command's calls too.
    char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
    char* environment[] = {path, nullptr};
    char shell[] = "sh", option[] = "-c";
    char* words[] = {shell, option, const_cast<char*>(command), nullptr};
    pid_t child = 0;
    if (posix_spawn(&child, "/bin/sh", nullptr, nullptr, words, environment) != 0) return;
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
}

void write(long number, const char* call, const char* path) {
    char line[4400];
    int length = snprintf(line, sizeof line, "%ld %s %s\n", number, call, path);
    syscall(SYS_write, plan().log, line, length < (int)sizeof line ? length : (int)sizeof line - 1);
}

}  // namespace

bool watches(const char* path) {
    const char* folders = plan().folders;
    return folders != nullptr && path != nullptr && among(folders, ':', path, true);
}

void killProcess() {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

Fault next(const char* call, const char* path) {
    Plan& plan = faults::plan();
    if (plan.lacks != nullptr && watches(path) && among(plan.lacks, ',', call, false)) return {Fate::fail, EINVAL};
    if (!watches(path) || (plan.calls != nullptr && !among(plan.calls, ',', call, false))) return {Fate::none, 0};
    int before = errno;
    long number = ++plan.count;
    if (plan.log >= 0) write(number, call, path);
    Fault fault = {Fate::none, 0};
    const char* does = plan.does == nullptr ? "" : plan.does;
    if (plan.when.has(number)) {
        if (strncmp(does, "fail:", 5) == 0) fault = {Fate::fail, plan.error};
        if (strcmp(does, "short") == 0) fault = {Fate::shorten, 0};
        if (strcmp(does, "kill") == 0) killProcess();
        if (strcmp(does, "kill-after") == 0) fault = {Fate::killAfter, 0};
        if (strcmp(does, "run") == 0 && plan.command != nullptr) runCommand(plan.command);
        if (strncmp(does, "delay:", 6) == 0) sleepFor(strtol(does + 6, nullptr, 10));
    }
    errno = before;
    return fault;
}

}  // namespace faults
