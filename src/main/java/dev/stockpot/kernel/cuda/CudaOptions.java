package dev.stockpot.kernel.cuda;

/**
 * How a GPU is used; nothing here changes a bit of the result.
 *
 * @param device its number, from 0
 * @param memory the most of its memory to use, in bytes, never more than is free; 0 for half of what is free, since an
 *     evaluator often runs on the same GPU
 * @param resident whether ingredients stay on the device from one run to the next: right for searches, which mix the same
 *     ones again and again
 */
public record CudaOptions(int device, long memory, boolean resident) {
    /** The first device, half of its free memory, nothing kept between runs. */
    public static CudaOptions defaults() {
        return new CudaOptions(0, 0, false);
    }

    /** The same, keeping ingredients on the device or not. */
    public CudaOptions withResident(boolean other) {
        return new CudaOptions(device, memory, other);
    }
}
