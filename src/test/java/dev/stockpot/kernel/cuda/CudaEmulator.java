package dev.stockpot.kernel.cuda;

import dev.stockpot.kernel.Kernels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The emulated card of native/test/cuda_emulator, in this process in the driver's place. Counts go up all the time, and a
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
        // Before the presets look for theirs: what is loaded under these names is what they get.
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

    /** Whether it is there: it is built with the native library, nvcc or not. */
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

    /** Makes the card have so many bytes free now. */
    public static native void leaveFree(long bytes);

    /** How many cards there are; none at first, so that tests of other things run as on a machine without. */
    public static native void setDevices(int count);

    /** The driver's version; 13000 at first. */
    public static native void setVersion(int version);

    /** Calls so far. */
    public static native long calls();

    /** What a card would have failed on, or silently done wrong, so far. */
    public static native long violations();

    /** Objects that were not given back yet. */
    public static native long live();

    /** Bytes copied to the card so far. */
    public static native long uploaded();

    /** Bytes copied from the card so far. */
    public static native long downloaded();

    /** Kernels launched so far. */
    public static native long launches();

    /** Waits for a stream so far during which another one had work to do. */
    public static native long overlaps();

    /** Bytes of the card that are in use. */
    public static native long inUse();

    /** The most that were in use since {@link #leaveFree}. */
    public static native long peak();
}
