package dev.stockpot.cli.output;

import dev.stockpot.engine.Engine;
import dev.stockpot.error.DeviceException;
import dev.stockpot.kernel.cuda.CudaKernels;
import dev.stockpot.run.Backend;
import dev.stockpot.run.Run;
import dev.stockpot.soup.search.BackendChoice;
import dev.stockpot.text.Figures;
import java.util.Locale;

/** What {@code doctor} says about the GPU. */
public final class GpuFindings {
    private GpuFindings() {}

    /** Whether {@code run} may use a GPU, which one, or why not. */
    public static String describe(Run run) {
        if (run.backend() == Backend.CPU) {
            return "not used: --backend cpu";
        }
        if (!CudaKernels.inThisBuild()) {
            return "not used: the CUDA kernels are not in this build, which found no nvcc";
        }
        try (CudaKernels cuda = CudaKernels.open(Engine.cuda(run))) {
            return String.format(
                    Locale.ROOT,
                    "%s, compute capability %s, %s, of which %s may be used; %s",
                    cuda.deviceName(),
                    cuda.computeCapability(),
                    Figures.bytes(cuda.totalMemory()),
                    Figures.bytes(cuda.usableMemory()),
                    BackendChoice.explain());
        } catch (DeviceException e) {
            // The message starts with what "not used" says already.
            String reason = e.getMessage().replace("the GPU cannot be used: ", "");
            return "not used: " + reason
                    + Hints.of(e).map(hint -> " (" + hint + ")").orElse("");
        }
    }
}
