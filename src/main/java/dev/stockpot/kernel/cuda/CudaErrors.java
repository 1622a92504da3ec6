package dev.stockpot.kernel.cuda;

import dev.stockpot.error.Reason;
import org.jspecify.annotations.Nullable;

/** What a user can do about an error of CUDA's driver, by its number in {@code CUresult}. */
final class CudaErrors {
    private CudaErrors() {}

    static Reason reason(int code) {
        return switch (code) {
            case 2 -> Reason.DEVICE_MEMORY;
            case 3, 100, 101 -> Reason.NO_DEVICE;
            case 46 -> Reason.DEVICE_BUSY;
            default -> Reason.DEVICE_FAILED;
        };
    }

    /** Null if nothing is known to help. */
    static @Nullable String hint(int code) {
        return switch (code) {
            case 2 -> "something else may hold the GPU's memory: free it, or use less of it";
            case 3, 100, 101 -> "nvidia-smi -L lists the GPUs that the driver sees";
            case 46 -> "another process has the GPU to itself: wait for it, or take another GPU";
            case 200, 209, 222 -> "this build's kernels do not run on this GPU: rebuild with a newer CUDA";
            case 214, 220 -> "the GPU's memory is damaged: nvidia-smi -q -d ECC says more";
            case 700, 701, 702, 715, 716, 718, 719 ->
                "a kernel failed on the GPU: a check of the device shows whether it computes correctly";
            case 803, 804 -> "the driver's parts do not match: restart after updating it";
            default -> null;
        };
    }
}
