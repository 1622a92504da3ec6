package dev.stockpot.kernel.cuda;

import dev.stockpot.error.Details;
import dev.stockpot.error.DeviceException;
import dev.stockpot.error.Reason;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.memory.NativeMemory;
import dev.stockpot.system.TrustedFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Locale;
import org.bytedeco.javacpp.Loader;

/** Loads what a GPU needs in this process: the presets, the driver, the kernels; reports which part is missing. */
final class CudaLoading {
    static final String ARTIFACT = "org.bytedeco:cuda:13.1-9.19-1.5.13";

    private static final String KERNELS = "stockpot.fatbin";
    private static final int OLDEST_DRIVER = 13000;

    private CudaLoading() {}

    /** The presets, loaded once: the JVM reports the reason for a failure only the first time. */
    private static final class Presets {
        static final Throwable FAILURE = load();

        private static Throwable load() {
            try {
                checkTrusted();
                Class.forName("org.bytedeco.cuda.global.cudart");
                return null;
            } catch (IOException | ClassNotFoundException | LinkageError e) {
                return e;
            }
        }
    }

    /** JavaCPP loads the presets from whatever lies in its cache. */
    private static void checkTrusted() throws IOException {
        Path cache = Loader.getCacheDir().toPath();
        if (!TrustedFolder.is(cache)) {
            throw new IOException("other users can change what is in " + cache);
        }
    }

    /** Whether this build has kernels for GPUs. */
    public static boolean hasKernels() {
        return CudaLoading.class.getResource(KERNELS) != null;
    }

    /**
     * Loads and initializes the driver.
     *
     * @throws DeviceException if a part is missing or too old
     */
    static void loadDriver() {
        if (Presets.FAILURE != null) {
            throw missing(Presets.FAILURE);
        }
        CudaDriver.initialize();
        int version = CudaDriver.version();
        if (version < OLDEST_DRIVER) {
            throw new DeviceException(
                    Reason.NO_DRIVER,
                    String.format(
                            Locale.ROOT,
                            "the GPU cannot be used: its driver supports CUDA %d.%d, but 13.0 is needed",
                            version / 1000,
                            version % 1000 / 10),
                    Details.of().hint("install driver 580 or later"));
        }
    }

    /** Names the part that cannot be loaded. */
    static DeviceException missing(Throwable error) {
        StringBuilder text = new StringBuilder();
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            text.append(cause).append(' ');
        }
        String all = text.toString();
        if (all.contains("libcudart")) {
            return new DeviceException(
                    Reason.NOT_INSTALLED,
                    "the GPU cannot be used: CUDA's runtime, libcudart.so.13, is not on the library path",
                    Details.of()
                            .hint(
                                    "install the package cuda-cudart-13-0 (or a later 13), or add its folder to LD_LIBRARY_PATH")
                            .cause(error));
        }
        if (all.contains("libcuda.so")) {
            return new DeviceException(
                    Reason.NO_DRIVER,
                    "the GPU cannot be used: there is no NVIDIA driver here (libcuda.so.1)",
                    Details.of().hint("install driver 580 or later").cause(error));
        }
        return new DeviceException(
                Reason.NOT_INSTALLED,
                "the GPU cannot be used: CUDA's presets cannot be loaded: " + error.getMessage(),
                Details.of()
                        .hint(
                                "add " + ARTIFACT
                                        + ", also with the classifier linux-x86_64, and org.bytedeco:javacpp with that classifier")
                        .cause(error));
    }

    /**
     * The kernels for all GPUs, in native memory that the caller closes.
     *
     * @throws DeviceException if this build has none, or nothing native can be used here
     */
    static NativeMemory kernels() {
        if (!NativeLibrary.isAvailable()) {
            throw new DeviceException(
                    Reason.NOT_INSTALLED, "the GPU cannot be used: " + NativeLibrary.unavailableReason());
        }
        try (InputStream in = CudaLoading.class.getResourceAsStream(KERNELS)) {
            if (in == null) {
                throw new DeviceException(
                        Reason.NOT_INSTALLED,
                        "the GPU cannot be used: the CUDA kernels are not in this build",
                        Details.of().hint("build it where nvcc (CUDA 13.0 or later) is on the path"));
            }
            byte[] bytes = in.readAllBytes();
            NativeMemory memory = NativeMemory.allocate(bytes.length);
            memory.slice(0, bytes.length).put(bytes);
            return memory;
        } catch (IOException e) {
            throw new DeviceException(
                    Reason.NOT_INSTALLED,
                    "the CUDA kernels cannot be read from the jar: " + e.getMessage(),
                    Details.of().cause(e));
        }
    }
}
