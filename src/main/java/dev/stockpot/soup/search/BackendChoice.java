package dev.stockpot.soup.search;

import dev.stockpot.error.DeviceException;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.cuda.CudaKernels;
import dev.stockpot.kernel.cuda.CudaLoading;
import dev.stockpot.kernel.cuda.CudaOptions;
import dev.stockpot.kernel.cuda.FallbackKernels;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Where {@code auto} computes: on a GPU only where that is faster by arithmetic. The speeds below are not this machine's but
 * modest ones, in bytes a second: of a processor that streams ingredients from the page cache, of the bus to a GPU, of a
 * GPU's memory. docs/cuda.md works the figures out.
 */
public final class BackendChoice {
    /** What is to be computed. */
    public enum Work {
        /** Each ingredient is read once: from files, at the speed of the disk or of memory. */
        ONE_SOUP,
        /** About as many candidates as ingredients, of half of them on average. */
        GREEDY,
        /** Steps without end in sight, each of two passes over all ingredients. */
        LEARNED
    }

    private static final double HOST = 20e9;
    private static final double BUS = 12e9;
    private static final double DEVICE = 300e9;

    private BackendChoice() {}

    /**
     * Seconds that the processor takes for each gigabyte of one ingredient, and then a GPU that holds all ingredients.
     *
     * @param ingredients how many there are
     */
    static double[] seconds(Work work, int ingredients) {
        double n = ingredients;
        return switch (work) {
            // Streamed: all goes over the bus, and back.
            case ONE_SOUP -> new double[] {n * 1e9 / HOST, (n + 1) * 1e9 / BUS};
            // Brought once; then each candidate goes back over the bus.
            case GREEDY ->
                new double[] {n * n / 2 * 1e9 / HOST, n * 1e9 / BUS + n * (n / 2 * 1e9 / DEVICE + 1e9 / BUS)};
            // Per step, bringing them left out; the gradient goes there, the candidate comes back.
            case LEARNED -> new double[] {2 * n * 1e9 / HOST, 2 * n * 1e9 / DEVICE + 2 * 1e9 / BUS};
        };
    }

    /** Whether a GPU that holds all of so many ingredients would be faster. */
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
                "auto takes it for searches alone, where it holds all ingredients: learned from %d of them on, greedy from %d;"
                        + " a soup of 8 from files takes at least %.2f s a GB of one on the CPU (%.0f GB/s from memory,"
                        + " less from a disk) and %.2f s over a bus of %.0f GB/s; computed, not measured here",
                paysFrom(Work.LEARNED),
                paysFrom(Work.GREEDY),
                one[0],
                HOST / 1e9,
                one[1],
                BUS / 1e9);
    }

    /**
     * The kernels for a search by {@code auto}: on a GPU where that pays and all ingredients fit, else {@code otherwise},
     * which also takes over where the GPU fails. The caller closes what it gets.
     *
     * @param ingredients how many there are
     * @param bytes of all of them together
     * @param note hears why a GPU that would pay is not used, or no longer
     */
    public static Kernels forSearch(
            Work work, int ingredients, long bytes, CudaOptions options, Kernels otherwise, Consumer<String> note) {
        if (!pays(work, ingredients) || !CudaLoading.hasKernels()) {
            return otherwise;
        }
        try {
            CudaKernels cuda = CudaKernels.open(options.withResident(true));
            if (bytes <= cuda.residentMemory()) {
                return new FallbackKernels(cuda, otherwise, note);
            }
            cuda.close();
            return otherwise;
        } catch (DeviceException e) {
            note.accept("computing on the CPU: " + e.getMessage());
            return otherwise;
        }
    }
}
