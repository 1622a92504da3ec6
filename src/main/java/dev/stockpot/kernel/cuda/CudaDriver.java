package dev.stockpot.kernel.cuda;

import dev.stockpot.error.Details;
import dev.stockpot.error.DeviceException;
import dev.stockpot.memory.AddressView;
import dev.stockpot.memory.Memory;
import dev.stockpot.memory.NativeMemory;
import java.nio.charset.StandardCharsets;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * The functions of CUDA's driver that are in use, each checked. No pointer here owns memory: JavaCPP would count it against
 * limits that mapped files exceed. Calls that free something do not throw: a device that fails at that has nothing more to
 * lose, and every result was waited for and checked before.
 */
final class CudaDriver {
    /** Threads per block, for which the kernels are compiled. */
    static final int THREADS = 256;

    /** Bytes of device memory that the driver hands out at a time, however few are asked for. */
    static final long GRANULE = 2 << 20;

    private static final int NON_BLOCKING = 1;

    private CudaDriver() {}

    /** Initializes the driver in this process; must be the first call to it. */
    static void initialize() {
        int code = cudart.cuInit(0);
        if (code == cudart.CUDA_ERROR_NO_DEVICE) {
            throw new DeviceException(
                    CudaErrors.reason(code),
                    "the GPU cannot be used: the driver sees none",
                    Details.of().hint(CudaErrors.hint(code)));
        }
        check("cuInit", code);
    }

    /** The newest CUDA that the driver supports: 13000 for 13.0. */
    static int version() {
        int[] version = new int[1];
        check("cuDriverGetVersion", cudart.cuDriverGetVersion(version));
        return version[0];
    }

    static int deviceCount() {
        int[] count = new int[1];
        check("cuDeviceGetCount", cudart.cuDeviceGetCount(count));
        return count[0];
    }

    static int device(int ordinal) {
        int[] device = new int[1];
        check("cuDeviceGet", cudart.cuDeviceGet(device, ordinal));
        return device[0];
    }

    static String name(int device) {
        byte[] name = new byte[128];
        check("cuDeviceGetName", cudart.cuDeviceGetName(name, name.length, device));
        int end = 0;
        while (end < name.length && name[end] != 0) {
            end++;
        }
        return new String(name, 0, end, StandardCharsets.UTF_8);
    }

    static int attribute(int device, int attribute) {
        int[] value = new int[1];
        check("cuDeviceGetAttribute", cudart.cuDeviceGetAttribute(value, attribute, device));
        return value[0];
    }

    static CUctx_st retainContext(int device) {
        CUctx_st context = new CUctx_st();
        check("cuDevicePrimaryCtxRetain", cudart.cuDevicePrimaryCtxRetain(context, device));
        return context;
    }

    static void releaseContext(int device) {
        cudart.cuDevicePrimaryCtxRelease(device);
    }

    static void push(CUctx_st context) {
        check("cuCtxPushCurrent", cudart.cuCtxPushCurrent(context));
    }

    static void pop() {
        cudart.cuCtxPopCurrent(new CUctx_st());
    }

    /** The free bytes of the current context's device, and all of its bytes. */
    static long[] memory() {
        try (NativeMemory results = NativeMemory.allocate(16)) {
            SizeTPointer free = new SizeTPointer(AddressView.of(results.address()));
            SizeTPointer total = new SizeTPointer(AddressView.of(results.address() + 8));
            check("cuMemGetInfo", cudart.cuMemGetInfo(free, total));
            return new long[] {free.get(0), total.get(0)};
        }
    }

    static CUmod_st loadModule(Memory image) {
        CUmod_st module = new CUmod_st();
        check("cuModuleLoadData", cudart.cuModuleLoadData(module, AddressView.of(image.address())));
        return module;
    }

    static CUfunc_st function(CUmod_st module, String name) {
        CUfunc_st function = new CUfunc_st();
        check("cuModuleGetFunction " + name, cudart.cuModuleGetFunction(function, module, name));
        return function;
    }

    static void unloadModule(CUmod_st module) {
        cudart.cuModuleUnload(module);
    }

    /** Allocates device memory; returns its address. */
    static long allocate(long bytes) {
        long[] address = new long[1];
        check("cuMemAlloc of " + bytes + " bytes", cudart.cuMemAlloc(address, bytes));
        return address[0];
    }

    /** Allocates device memory; returns its address, or 0 if the device has no room left. */
    static long tryAllocate(long bytes) {
        long[] address = new long[1];
        int code = cudart.cuMemAlloc(address, bytes);
        if (code == cudart.CUDA_ERROR_OUT_OF_MEMORY) {
            return 0;
        }
        check("cuMemAlloc of " + bytes + " bytes", code);
        return address[0];
    }

    static void free(long address) {
        cudart.cuMemFree(address);
    }

    /** Allocates host memory that the device reads and writes directly; returns its address. */
    static long allocatePinned(long bytes) {
        Pointer memory = new Pointer();
        check("cuMemHostAlloc of " + bytes + " bytes", cudart.cuMemHostAlloc(memory, bytes, 0));
        return memory.address();
    }

    static void freePinned(long address) {
        cudart.cuMemFreeHost(AddressView.of(address));
    }

    static CUstream_st createStream() {
        CUstream_st stream = new CUstream_st();
        check("cuStreamCreate", cudart.cuStreamCreate(stream, NON_BLOCKING));
        return stream;
    }

    static void destroyStream(CUstream_st stream) {
        cudart.cuStreamDestroy(stream);
    }

    /** Waits for all work that was queued in it, and reports any fault of that work. */
    static void synchronize(CUstream_st stream) {
        check("cuStreamSynchronize", cudart.cuStreamSynchronize(stream));
    }

    /** Waits likewise, after a failure; ignores any other failure. */
    static void abandon(CUstream_st stream) {
        cudart.cuStreamSynchronize(stream);
    }

    static void upload(long to, long from, long bytes, CUstream_st stream) {
        check("cuMemcpyHtoDAsync", cudart.cuMemcpyHtoDAsync(to, AddressView.of(from), bytes, stream));
    }

    static void download(long to, long from, long bytes, CUstream_st stream) {
        check("cuMemcpyDtoHAsync", cudart.cuMemcpyDtoHAsync(AddressView.of(to), from, bytes, stream));
    }

    /** Copies from one place on the device to another. */
    static void copy(long to, long from, long bytes, CUstream_st stream) {
        check("cuMemcpyDtoDAsync", cudart.cuMemcpyDtoDAsync(to, from, bytes, stream));
    }

    /** Sets words of 4 bytes on the device to 0. */
    static void clear(long address, long words, CUstream_st stream) {
        check("cuMemsetD32Async", cudart.cuMemsetD32Async(address, 0, words, stream));
    }

    /** Queues a kernel; {@code parameters} is the address of the address of its one argument, which is copied at once. */
    static void launch(CUfunc_st kernel, int blocksX, int blocksY, long parameters, CUstream_st stream) {
        launch(kernel, blocksX, blocksY, THREADS, 0, parameters, stream);
    }

    /** The same with fewer threads a block, and {@code shared} bytes of memory that a block's threads share. */
    static void launch(
            CUfunc_st kernel, int blocksX, int blocksY, int threads, int shared, long parameters, CUstream_st stream) {
        PointerPointer<Pointer> arguments = new PointerPointer<>(AddressView.of(parameters));
        check(
                "cuLaunchKernel",
                cudart.cuLaunchKernel(
                        kernel, blocksX, blocksY, 1, threads, 1, 1, shared, stream, arguments, (PointerPointer<?>)
                                null));
    }

    private static void check(String call, int code) {
        if (code != cudart.CUDA_SUCCESS) {
            throw new DeviceException(
                    CudaErrors.reason(code),
                    "the GPU failed: " + call + " returned " + errorName(code),
                    Details.of().hint(CudaErrors.hint(code)));
        }
    }

    private static String errorName(int code) {
        try (NativeMemory result = NativeMemory.allocate(8)) {
            PointerPointer<Pointer> name = new PointerPointer<>(AddressView.of(result.address()));
            return cudart.cuGetErrorName(code, name) == cudart.CUDA_SUCCESS ? name.getString(0) : "error " + code;
        }
    }
}
