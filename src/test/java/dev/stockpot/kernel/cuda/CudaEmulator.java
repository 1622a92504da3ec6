package dev.stockpot.kernel.cuda;

import dev.stockpot.kernel.Kernels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The emulated card of native/test/cuda_emulator, loaded into this process in place of the driver. Counts only go up, so a
 * test looks at their differences: the kernels of {@link #withCuda} stay open from test to test.
 */
public final class CudaEmulator {
    private static final Path FOLDER = Path.of("target/native/cuda_emulator").toAbsolutePath();
    private static final boolean LOADED = load();

    private CudaEmulator() {}

    private static boolean load() {
        if (!Files.exists(FOLDER.resolve("libcuda.so.1"))) {
            return false;
        }
        // Before the presets look for theirs: they get the libraries that are loaded under these names.
        System.load(FOLDER.resolve("libcuda.so.1").toString());
        System.load(FOLDER.resolve("libcudart.so.13").toString());
        leaveFree(1 << 30);
        return true;
    }

    private static final class Shared {
        static final Kernels KERNELS = open();

        private static Kernels open() {
            setDevices(1);
            Kernels kernels = CudaKernels.open(CudaOptions.defaults());
            setDevices(0);
            Runtime.getRuntime().addShutdownHook(new Thread(kernels::close));
            return kernels;
        }
    }

    /** Whether the emulator is available: it is built with the native library, with or without nvcc. */
    public static boolean isAvailable() {
        return LOADED;
    }

    /** These kernels, and those on the emulated card. */
    public static List<Kernels> withCuda(List<Kernels> kernels) {
        List<Kernels> all = new ArrayList<>(kernels);
        if (LOADED) {
            all.add(Shared.KERNELS);
        }
        return all;
    }

    /** Fails the n-th call from now, counted from 1, with a code of CUresult; 0 for none. */
    public static native void fail(long n, int code);

    /** Sets the bytes that the card has free now. */
    public static native void leaveFree(long bytes);

    /** Sets the number of cards; none at first, so that other tests run as on a machine without one. */
    public static native void setDevices(int count);

    /** Sets the driver's version; 13000 at first. */
    public static native void setVersion(int version);

    /** Calls to the driver. */
    public static native long calls();

    /** Violations: what a card would have failed on, or silently done wrong. */
    public static native long violations();

    /** Objects that are not freed yet. */
    public static native long live();

    /** Bytes copied to the card. */
    public static native long uploaded();

    /** Bytes copied from the card. */
    public static native long downloaded();

    /** Loads and stores of kernels. */
    public static native long accesses();

    /** Kernels launched. */
    public static native long launches();

    /** Waits for a stream during which another one had work to do. */
    public static native long overlaps();

    /** Bytes of the card that are in use, in granules of 2 MiB. */
    public static native long inUse();

    /** The most bytes in use since {@link #leaveFree}. */
    public static native long peak();
}
