// A mapped file that shrinks is reported, by source, again and again; and a SIGBUS outside the guard goes to the
// earlier handler.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    int64_t file[3] = {};
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
        if (sp_populate(file[0], file[1]) == 0) printf("note: no MADV_POPULATE_READ here\n");
        if (!earlierHandlerIsCalled(file[0] + 8192)) return fail("no SIGBUS outside the guard");
        sp_unmap_file(file[0], file[1], (int)file[2]);
    }
    unlink(path);
    printf("100 truncations survived\n");
    return 0;
}
