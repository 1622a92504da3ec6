package dev.stockpot.kernel.cuda;

import dev.stockpot.error.Details;
import dev.stockpot.error.DeviceException;
import dev.stockpot.error.Reason;
import dev.stockpot.memory.NativeMemory;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.global.cudart;

/** One open GPU: its context with the kernels loaded. Thread-safe; each thread makes the context current for a while. */
final class CudaDevice implements AutoCloseable {
    private final int device;
    private final String name;
    private final CUctx_st context;
    private final int multiprocessors;
    private CUmod_st module;
    private CUfunc_st mixF32;
    private CUfunc_st mixF64;
    private CUfunc_st dot;
    private CUfunc_st formulaF32;
    private CUfunc_st formulaF64;
    private long free;
    private long total;

    private CudaDevice(int device) {
        this.device = device;
        this.name = CudaDriver.name(device);
        this.multiprocessors = CudaDriver.attribute(device, cudart.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
        this.context = CudaDriver.retainContext(device);
    }

    /**
     * Opens the device with this number, from 0.
     *
     * @throws DeviceException if it does not exist, cannot be used, or this build has no kernels for it
     */
    static CudaDevice open(int ordinal) {
        try (NativeMemory kernels = CudaLoading.kernels()) {
            CudaLoading.loadDriver();
            int count = CudaDriver.deviceCount();
            if (ordinal < 0 || ordinal >= count) {
                throw new DeviceException(
                        Reason.NO_DEVICE,
                        "there is no GPU number " + ordinal + ": the driver sees " + count,
                        Details.of().number("devices", count));
            }
            CudaDevice opened = new CudaDevice(CudaDriver.device(ordinal));
            try {
                opened.load(kernels);
                return opened;
            } catch (RuntimeException e) {
                opened.close();
                throw e;
            }
        }
    }

    private void load(NativeMemory kernels) {
        within(() -> {
            module = CudaDriver.loadModule(kernels);
            mixF32 = CudaDriver.function(module, "stockpot_mix_f32");
            mixF64 = CudaDriver.function(module, "stockpot_mix_f64");
            dot = CudaDriver.function(module, "stockpot_dot");
            formulaF32 = CudaDriver.function(module, "stockpot_formula_f32");
            formulaF64 = CudaDriver.function(module, "stockpot_formula_f64");
            long[] memory = CudaDriver.memory();
            free = memory[0];
            total = memory[1];
        });
    }

    /** Makes the context current in this thread, on top of any other; {@link #leave} undoes it. */
    void enter() {
        CudaDriver.push(context);
    }

    void leave() {
        CudaDriver.pop();
    }

    /**
     * Runs {@code work}, which frees, with the context current. A call may report an earlier failure, so the first is tried
     * twice; if the context is lost, everything that it held is gone with it.
     */
    void toClose(Runnable work) {
        try {
            enter();
        } catch (DeviceException first) {
            try {
                enter();
            } catch (DeviceException second) {
                return;
            }
        }
        try {
            work.run();
        } finally {
            leave();
        }
    }

    /** Runs {@code work} with the context current. */
    void within(Runnable work) {
        enter();
        try {
            work.run();
        } finally {
            leave();
        }
    }

    String name() {
        return name;
    }

    /** Such as 9.0. */
    String computeCapability() {
        return CudaDriver.attribute(device, cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR) + "."
                + CudaDriver.attribute(device, cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    }

    int multiprocessors() {
        return multiprocessors;
    }

    /** Bytes that were free when it was opened. */
    long freeMemory() {
        return free;
    }

    /** All bytes of its memory. */
    long totalMemory() {
        return total;
    }

    CUfunc_st mix(boolean inF64) {
        return inF64 ? mixF64 : mixF32;
    }

    CUfunc_st dot() {
        return dot;
    }

    CUfunc_st formula(boolean inF64) {
        return inF64 ? formulaF64 : formulaF32;
    }

    @Override
    public void close() {
        if (module != null) {
            toClose(() -> CudaDriver.unloadModule(module));
            module = null;
        }
        CudaDriver.releaseContext(device);
    }
}
