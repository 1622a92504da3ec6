package dev.stockpot.kernel;

import dev.stockpot.memory.AddressView;
import dev.stockpot.memory.Addressed;
import dev.stockpot.memory.BufferMemory;
import dev.stockpot.memory.Memory;
import dev.stockpot.memory.Native;
import dev.stockpot.memory.NativeMemory;
import dev.stockpot.memory.SourceFaultException;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The C++ kernels for one instruction set. They work on native memory, mapped files and direct buffers in place, and on
 * buffers of the Java heap through a copy.
 */
public final class CpuKernels implements Kernels {
    /** The instruction sets, in the order of {@code sp_isa_code}: each holds the one before. */
    enum Isa {
        SCALAR,
        AVX2,
        AVX512;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The best that this processor has; the native library must be available. */
        static Isa best() {
            return values()[Native.sp_detect_isa()];
        }
    }

    private final Isa isa;

    /** The caller has made sure that the library is available and the processor has the instruction set. */
    CpuKernels(Isa isa) {
        this.isa = isa;
    }

    @Override
    public String name() {
        return isa.label();
    }

    @Override
    public Memory allocate(long bytes) {
        return NativeMemory.allocate(bytes);
    }

    @Override
    public void mix(Mix mix) {
        OperandCheck.check(mix);
        try (Addresses at = new Addresses()) {
            long[] addresses = at.of(mix.sources(), mix.elements());
            long out = at.of(mix.out(), mix.elements(), false);
            // What the kernels allocate is written to a file at once; others' memory is filled and left.
            boolean pastCaches = mix.out().memory() instanceof BufferMemory;
            int fault = Native.sp_mix(
                    isa.ordinal(),
                    out,
                    code(mix.out().dtype()),
                    mix.elements(),
                    addresses,
                    codes(mix.sources()),
                    addresses.length,
                    mix.weights(),
                    mix.divisor(),
                    pastCaches ? 1 : 0);
            if (fault != 0) {
                throw new SourceFaultException(
                        fault > 0 ? mix.sources().get(fault - 1).memory() : null);
            }
            copyBack(mix, out);
        }
    }

    @Override
    public void dot(Dot dot, double[] sums) {
        OperandCheck.check(dot, sums);
        try (Addresses at = new Addresses()) {
            long[] addresses = at.of(dot.sources(), dot.elements());
            int fault = Native.sp_dot(
                    isa.ordinal(),
                    at.of(dot.vector(), dot.elements(), true),
                    code(dot.vector().dtype()),
                    dot.elements(),
                    addresses,
                    codes(dot.sources()),
                    addresses.length,
                    sums);
            if (fault == Native.SP_FAULT_VECTOR) {
                throw new SourceFaultException(dot.vector().memory());
            }
            if (fault != 0) {
                throw new SourceFaultException(
                        fault > 0 ? dot.sources().get(fault - 1).memory() : null);
            }
        }
    }

    /** Where operands lie for native code; owns the copies of those that lie on the Java heap. */
    private static final class Addresses implements AutoCloseable {
        private final List<NativeMemory> copies = new ArrayList<>(0);

        long[] of(List<Mix.Operand> operands, long elements) {
            long[] addresses = new long[operands.size()];
            for (int k = 0; k < addresses.length; k++) {
                addresses[k] = of(operands.get(k), elements, true);
            }
            return addresses;
        }

        long of(Mix.Operand operand, long elements, boolean filled) {
            if (operand.memory() instanceof Addressed memory) {
                return memory.address() + operand.offset();
            }
            ByteBuffer bytes = slice(operand, elements);
            if (bytes.isDirect()) {
                return Native.sp_address_of(bytes);
            }
            NativeMemory copy = NativeMemory.allocate(bytes.capacity());
            copies.add(copy);
            if (filled) {
                copy.slice(0, bytes.capacity()).put(bytes);
            }
            return copy.address();
        }

        @Override
        public void close() {
            copies.forEach(NativeMemory::close);
        }
    }

    private static void copyBack(Mix mix, long address) {
        if (mix.out().memory() instanceof Addressed) {
            return;
        }
        ByteBuffer bytes = slice(mix.out(), mix.elements());
        if (!bytes.isDirect()) {
            bytes.put(AddressView.at(address, bytes.capacity()));
        }
    }

    // A Java buffer has at most 2^31 - 1 bytes.
    private static ByteBuffer slice(Mix.Operand operand, long elements) {
        return operand.memory()
                .slice(operand.offset(), Math.toIntExact(operand.dtype().bytes(elements)));
    }

    private static int[] codes(List<Mix.Operand> operands) {
        int[] codes = new int[operands.size()];
        for (int k = 0; k < codes.length; k++) {
            codes[k] = code(operands.get(k).dtype());
        }
        return codes;
    }

    /** The number of a type in {@code sp_dtype_code}. */
    public static int code(DType dtype) {
        return switch (dtype) {
            case F64 -> Native.SP_F64;
            case F32 -> Native.SP_F32;
            case F16 -> Native.SP_F16;
            case BF16 -> Native.SP_BF16;
            case F8_E5M2 -> Native.SP_F8_E5M2;
            case F8_E4M3 -> Native.SP_F8_E4M3;
            default -> throw new IllegalArgumentException("cannot mix elements of type " + dtype);
        };
    }
}
