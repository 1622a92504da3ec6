package dev.stockpot.kernel;

import dev.stockpot.error.DeviceException;
import dev.stockpot.error.Reason;
import dev.stockpot.memory.Native;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.run.Isa;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Picks the kernels: the best that the processor has, or those that were requested. */
public final class KernelSelection {
    /** The environment variable that caps what {@link Isa#AUTO} picks, by the name of an instruction set. */
    public static final String CAP_VARIABLE = "STOCKPOT_ISA";

    private KernelSelection() {}

    /** The best kernels that may be used here. */
    public static Kernels best() {
        return select(Isa.AUTO);
    }

    /**
     * The kernels of an instruction set. {@link Isa#AUTO} is the best of the processor, not above {@link #CAP_VARIABLE}, and
     * {@link Isa#JAVA} if the native library does not load; {@link Isa#NATIVE} is the same with an error in that case.
     *
     * @throws DeviceException if the set was requested by name and cannot be used here, or the variable does not name one
     */
    public static Kernels select(Isa isa) {
        return select(isa, Optional.ofNullable(System.getenv(CAP_VARIABLE)));
    }

    /** All kernels that can be used here, from the plainest to the fastest. */
    public static List<Kernels> available() {
        return Stream.of(Isa.values())
                .filter(isa -> isa.compareTo(Isa.JAVA) >= 0 && isa.compareTo(processors()) <= 0)
                .map(KernelSelection::kernels)
                .toList();
    }

    /** Whether kernels make machine code of a merge's formulas; if not, they take the steps one by one, to the same bits. */
    public static boolean compilesFormulas(Kernels kernels) {
        return kernels instanceof CpuKernels cpu && cpu.compilesFormulas();
    }

    static Kernels select(Isa isa, Optional<String> cap) {
        Isa best = processors();
        if (isa == Isa.AUTO || isa == Isa.NATIVE) {
            Isa limit = cap.filter(name -> !name.isBlank())
                    .map(KernelSelection::parse)
                    .orElse(isa);
            if (isa == Isa.NATIVE || limit == Isa.NATIVE) {
                requireNative(Isa.NATIVE);
            }
            return kernels(limit.compareTo(Isa.JAVA) >= 0 && limit.compareTo(best) < 0 ? limit : best);
        }
        if (isa != Isa.JAVA) {
            requireNative(isa);
        }
        if (isa.compareTo(best) > 0) {
            throw new DeviceException(
                    Reason.INSTRUCTION_SET, "this processor has no " + isa + ": the best it has is " + best);
        }
        return kernels(isa);
    }

    private static void requireNative(Isa wanted) {
        if (!NativeLibrary.isAvailable()) {
            throw new DeviceException(
                    Reason.INSTRUCTION_SET, wanted + " kernels cannot be used: " + NativeLibrary.unavailableReason());
        }
    }

    /** The best set that this processor has and the native library uses; that of plain Java if the library does not load. */
    private static Isa processors() {
        return NativeLibrary.isAvailable() ? Isa.values()[Isa.SCALAR.ordinal() + Native.sp_detect_isa()] : Isa.JAVA;
    }

    private static Kernels kernels(Isa isa) {
        return isa == Isa.JAVA ? new JavaKernels() : new CpuKernels(isa);
    }

    private static Isa parse(String cap) {
        return Arrays.stream(Isa.values())
                .filter(isa -> isa.toString().equals(cap.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new DeviceException(
                        Reason.INSTRUCTION_SET,
                        CAP_VARIABLE + " should be auto, native, java, scalar, avx2 or avx512 but got " + cap));
    }
}
