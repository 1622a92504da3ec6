package dev.stockpot.kernel.cuda;

/** What a user can do about an error of CUDA's driver, by its number in {@code CUresult}. */
final class CudaErrors {
    private CudaErrors() {}

    static String hint(int code) {
        return switch (code) {
            case 2 ->
                "something else may hold the GPU's memory: free it, give a smaller --device-memory, or take --backend cpu";
            case 3, 100, 101 -> "nvidia-smi -L lists the GPUs that the driver sees; --backend cpu needs none";
            case 46 -> "another process has the GPU to itself: wait for it, or take --device N or --backend cpu";
            case 200, 209, 222 ->
                "this build's kernels do not run on this GPU: rebuild with a newer CUDA, or take --backend cpu";
            case 214, 220 ->
                "the GPU's memory is damaged: nvidia-smi -q -d ECC says more; take --device N or --backend cpu";
            case 700, 701, 702, 715, 716, 718, 719 ->
                "a kernel failed on the GPU: tools/cuda-check says whether it computes rightly; --backend cpu does without it";
            case 803, 804 -> "the driver's parts do not fit together: restart after its update, or take --backend cpu";
            default -> "--backend cpu does without the GPU";
        };
    }
}
