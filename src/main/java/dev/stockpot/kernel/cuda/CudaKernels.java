package dev.stockpot.kernel.cuda;

import dev.stockpot.error.Details;
import dev.stockpot.error.DeviceException;
import dev.stockpot.error.Reason;
import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.Divergence;
import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.Drop;
import dev.stockpot.kernel.KernelMemory;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Mix;
import dev.stockpot.kernel.OperandCheck;
import dev.stockpot.kernel.SourceFile;
import dev.stockpot.memory.Memory;
import java.lang.ref.Reference;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.bytedeco.cuda.cudart.CUstream_st;

/**
 * The kernels on one NVIDIA GPU, with the bits of every other kernel. Operands are streamed through it; files may be kept on
 * it from one run to the next. Thread-safe; close it when no call is in progress.
 */
public final class CudaKernels implements Kernels {
    private final CudaDevice device;
    private final PinnedPool pinned;
    private final CudaLanes lanes;
    private final ResidentFiles resident;
    private final long usable;
    private final KernelMemory memory = new DeviceMemory();
    private final Kernels host = KernelSelection.best();
    private final AtomicReference<Consumer<String>> tooLarge = new AtomicReference<>();
    private boolean closed;

    private CudaKernels(CudaDevice device, CudaOptions options) {
        this.device = device;
        long wanted = options.memory() == 0 ? device.freeMemory() / 2 : options.memory();
        this.usable = Math.min(wanted, device.freeMemory());
        if (usable < CudaLanes.SMALLEST) {
            throw new DeviceException(
                    Reason.DEVICE_MEMORY,
                    String.format(
                            Locale.ROOT,
                            "the GPU cannot be used: %d bytes of its memory are free, %d may be used, and %d are needed",
                            device.freeMemory(),
                            usable,
                            CudaLanes.SMALLEST),
                    Details.of().hint("free its memory, or use more of it"));
        }
        this.pinned = new PinnedPool(device);
        this.lanes = new CudaLanes(device, usable);
        this.resident = options.resident() ? new ResidentFiles(device, lanes, pinned, residentMemory()) : null;
    }

    /**
     * Opens a GPU.
     *
     * @throws DeviceException if it cannot be used, with the reason
     */
    public static CudaKernels open(CudaOptions options) {
        CudaDevice device = CudaDevice.open(options.device());
        try {
            return new CudaKernels(device, options);
        } catch (RuntimeException e) {
            device.close();
            throw e;
        }
    }

    /** Whether this build has kernels for GPUs; loads nothing of CUDA. */
    public static boolean inThisBuild() {
        return CudaLoading.hasKernels();
    }

    @Override
    public String name() {
        return "cuda";
    }

    /** The card's name. */
    public String deviceName() {
        return device.name();
    }

    /** The compute capability, such as 9.0. */
    public String computeCapability() {
        return device.computeCapability();
    }

    /** Bytes of the device that may be used. */
    public long usableMemory() {
        return usable;
    }

    /** Bytes of the device that may hold ingredients from one run to the next. */
    public long residentMemory() {
        return usable - lanes.bytes();
    }

    /** All bytes of the device's memory. */
    public long totalMemory() {
        return device.totalMemory();
    }

    int multiprocessors() {
        return device.multiprocessors();
    }

    /** Runs work of another kind on the device, in a stream of its own. */
    void onDevice(BiConsumer<CudaDevice, CUstream_st> work) {
        device.within(() -> {
            CUstream_st stream = CudaDriver.createStream();
            try {
                work.accept(device, stream);
            } finally {
                CudaDriver.abandon(stream);
                CudaDriver.destroyStream(stream);
            }
        });
    }

    @Override
    public KernelMemory memory() {
        return memory;
    }

    /** Pinned host memory, and files that stay on the device. */
    private final class DeviceMemory implements KernelMemory {
        @Override
        public Memory allocate(long bytes) {
            return pinned.take(bytes);
        }

        @Override
        public boolean wantsReads() {
            return true;
        }

        @Override
        public Memory keep(SourceFile file, long offset, long length) {
            return resident == null ? null : resident.get(file, offset, length);
        }
    }

    /** These until the GPU first fails, {@code otherwise} from then on; {@code note} receives the failure once. */
    public Kernels orElse(Kernels otherwise, Consumer<String> note) {
        return new FallbackKernels(this, otherwise, note);
    }

    @Override
    public boolean mix(Mix mix) {
        OperandCheck.check(mix);
        CudaMix work = new CudaMix(device, mix);
        if (mix.elements() > 0) {
            lanes.with(lane -> work.run(lane, lanes.slotBytes()));
        }
        // Copies use bare addresses: a buffer must not be collected before they are done.
        Reference.reachabilityFence(mix);
        return work.isFinite();
    }

    @Override
    public void dot(Dot dot, double[] sums) {
        OperandCheck.check(dot, sums);
        if (dot.elements() > 0 && sums.length > 0) {
            CudaDot work = new CudaDot(device, dot, sums);
            lanes.with(lane -> work.run(lane, lanes.slotBytes()));
        }
        Reference.reachabilityFence(dot);
    }

    /** The same kernels; the first formula that the processor computes for them is told to {@code note}. */
    public CudaKernels telling(Consumer<String> note) {
        tooLarge.set(note);
        return this;
    }

    /** On the processor if the formula has more values at a time, or more sources, than the device has room for. */
    @Override
    public boolean compute(Calculation call, double[] sums, long[] counts) {
        OperandCheck.check(call, sums, counts);
        CudaFormula work = new CudaFormula(device, call, sums, counts);
        if (!work.fits(lanes.slotBytes())) {
            Consumer<String> note = tooLarge.getAndSet(null);
            if (note != null) {
                note.accept("the CPU computes what the GPU has no room for, such as a formula of "
                        + call.sources().size() + " sources with "
                        + call.formula().code().registers() + " values at a time");
            }
            return host.compute(call, sums, counts);
        }
        if (call.elements() > 0) {
            lanes.with(lane -> work.run(lane, lanes.slotBytes()));
        }
        Reference.reachabilityFence(call);
        return work.isFinite();
    }

    @Override
    public long drop(Drop drop, double[] sums) {
        return host.drop(drop, sums);
    }

    @Override
    public void divergence(Divergence call, double[] states) {
        host.divergence(call, states);
    }

    @Override
    public Kernels onHost() {
        return host;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        device.toClose(() -> {
            lanes.close();
            if (resident != null) {
                resident.close();
            }
            pinned.close();
        });
        device.close();
    }
}
