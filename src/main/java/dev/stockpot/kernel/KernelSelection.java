package dev.stockpot.kernel;

import dev.stockpot.memory.NativeLibrary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Picks the kernels: the best that the processor has, or those that were asked for. */
public final class KernelSelection {
    /** The environment variable that caps what {@code auto} picks: {@code java}, {@code scalar}, {@code avx2} or {@code avx512}. */
    public static final String CAP_VARIABLE = "STOCKPOT_ISA";

    private KernelSelection() {}

    /**
     * The kernels of an instruction set: {@code auto}, {@code scalar}, {@code avx2}, {@code avx512} or {@code java}.
     * {@code auto} is the best of the processor, not above {@link #CAP_VARIABLE}, and {@code java} where the native
     * library does not load.
     *
     * @throws IllegalArgumentException where there is no such set, or it was asked for by name and cannot be used here
     */
    public static Kernels select(String isa) {
        return select(isa, System.getenv(CAP_VARIABLE));
    }

    /** Every kernel that can be used here, from the plainest to the fastest. */
    public static List<Kernels> available() {
        List<Kernels> all = new ArrayList<>();
        all.add(new JavaKernels());
        if (NativeLibrary.isAvailable()) {
            for (int i = 0; i <= CpuKernels.Isa.best().ordinal(); i++) {
                all.add(new CpuKernels(CpuKernels.Isa.values()[i]));
            }
        }
        return List.copyOf(all);
    }

    static Kernels select(String isa, String cap) {
        return isa.equals("auto") ? best(cap) : named(isa);
    }

    private static Kernels best(String cap) {
        boolean capped = cap != null && !cap.isBlank() && !cap.equals("auto");
        if (capped && cap.equals("java") || !NativeLibrary.isAvailable()) {
            return new JavaKernels();
        }
        CpuKernels.Isa best = CpuKernels.Isa.best();
        CpuKernels.Isa limit = capped ? parse(cap, CAP_VARIABLE) : best;
        return new CpuKernels(limit.compareTo(best) < 0 ? limit : best);
    }

    private static Kernels named(String name) {
        if (name.equals("java")) {
            return new JavaKernels();
        }
        CpuKernels.Isa isa = parse(name, "instruction set");
        if (!NativeLibrary.isAvailable()) {
            throw new IllegalArgumentException(name + " kernels cannot be used: " + NativeLibrary.unavailableReason());
        }
        CpuKernels.Isa best = CpuKernels.Isa.best();
        if (isa.compareTo(best) > 0) {
            throw new IllegalArgumentException(
                    String.format("this processor has no %s: the best it has is %s", name, best.label()));
        }
        return new CpuKernels(isa);
    }

    private static CpuKernels.Isa parse(String name, String what) {
        for (CpuKernels.Isa isa : CpuKernels.Isa.values()) {
            if (isa.label().equals(name.toLowerCase(Locale.ROOT))) {
                return isa;
            }
        }
        throw new IllegalArgumentException(
                String.format("%s should be auto, java, scalar, avx2 or avx512 but got %s", what, name));
    }
}
