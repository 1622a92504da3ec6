package dev.stockpot.soup.search;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.error.DeviceException;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.cuda.CudaKernels;
import dev.stockpot.kernel.cuda.CudaOptions;
import dev.stockpot.run.Run;
import dev.stockpot.tensor.TensorInfo;
import java.util.List;
import java.util.Locale;

/**
 * Where {@code auto} computes: on a GPU only if the arithmetic below says that it is faster. The speeds are not this
 * machine's but modest ones, in bytes per second: of a processor that streams ingredients from the page cache, of the bus to
 * a GPU, and of a GPU's memory. docs/cuda.md derives the figures.
 */
public final class BackendChoice {
    /** What to compute. */
    public enum Work {
        /** Each ingredient is read once: from files, at the speed of the disk or of memory. */
        ONE_SOUP,
        /** About as many candidates as ingredients, each of half of them on average. */
        GREEDY,
        /** An open-ended number of steps, each of two passes over all ingredients. */
        LEARNED
    }

    private static final double HOST = 20e9;
    private static final double BUS = 12e9;
    private static final double DEVICE = 300e9;

    private BackendChoice() {}

    /**
     * Seconds per gigabyte of one ingredient: first on the processor, then on a GPU that holds all ingredients.
     *
     * @param ingredients how many there are
     */
    static double[] seconds(Work work, int ingredients) {
        double n = ingredients;
        return switch (work) {
            // Streamed: the ingredients cross the bus, and the soup comes back.
            case ONE_SOUP -> new double[] {n * 1e9 / HOST, (n + 1) * 1e9 / BUS};
            // Copied to the GPU once; then each candidate comes back over the bus.
            case GREEDY ->
                new double[] {n * n / 2 * 1e9 / HOST, n * 1e9 / BUS + n * (n / 2 * 1e9 / DEVICE + 1e9 / BUS)};
            // Per step, without that copy; the gradient crosses the bus, and the candidate comes back.
            case LEARNED -> new double[] {2 * n * 1e9 / HOST, 2 * n * 1e9 / DEVICE + 2 * 1e9 / BUS};
        };
    }

    /** Whether a GPU that holds all of this many ingredients would be faster. */
    public static boolean pays(Work work, int ingredients) {
        double[] seconds = seconds(work, ingredients);
        return seconds[1] < seconds[0];
    }

    /** The fewest ingredients for which a GPU that holds all of them would be faster. */
    static int paysFrom(Work work) {
        int n = 1;
        while (!pays(work, n)) {
            n++;
        }
        return n;
    }

    /** The arithmetic, in a sentence. */
    public static String explain() {
        double[] one = seconds(Work.ONE_SOUP, 8);
        return String.format(
                Locale.ROOT,
                "auto uses it only for searches whose ingredients all fit on it: learned from %d ingredients on, greedy from %d; a soup of 8 files takes at least %.2f s per GB of each file on the CPU (%.0f GB/s from memory,"
                        + " less from a disk) and %.2f s over a bus of %.0f GB/s; computed, not measured here",
                paysFrom(Work.LEARNED),
                paysFrom(Work.GREEDY),
                one[0],
                HOST / 1e9,
                one[1],
                BUS / 1e9);
    }

    /**
     * The engine of a search over {@code ingredients}, which a GPU then keeps. For {@link dev.stockpot.run.Backend#AUTO} that
     * is a GPU if it pays and all ingredients fit; if it fails, the CPU takes over and the run's listener is notified.
     *
     * @throws DeviceException if a GPU was requested explicitly and cannot be used
     */
    public static Engine open(Run run, Work work, List<Checkpoint> ingredients) {
        if (run.kernels().isPresent()) {
            return Engine.open(run);
        }
        CudaOptions resident = Engine.cuda(run).withResident(true);
        return switch (run.backend()) {
            case CUDA -> Engine.on(CudaKernels.open(resident), run);
            case CPU -> Engine.open(run);
            case AUTO -> Engine.on(kernels(run, work, ingredients, resident), run);
        };
    }

    private static Kernels kernels(Run run, Work work, List<Checkpoint> ingredients, CudaOptions resident) {
        Kernels otherwise = Engine.cpu(run);
        if (!pays(work, ingredients.size()) || !CudaKernels.inThisBuild()) {
            return otherwise;
        }
        try {
            CudaKernels cuda = CudaKernels.open(resident);
            if (bytes(ingredients) <= cuda.residentMemory()) {
                return cuda.orElse(otherwise, run.listener()::note);
            }
            cuda.close();
            return otherwise;
        } catch (DeviceException e) {
            run.listener().note("computing on the CPU: " + e.getMessage());
            return otherwise;
        }
    }

    private static long bytes(List<Checkpoint> ingredients) {
        return ingredients.stream()
                .flatMap(ingredient -> ingredient.tensors().values().stream())
                .mapToLong(TensorInfo::bytes)
                .sum();
    }
}
