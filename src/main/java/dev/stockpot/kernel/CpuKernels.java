package dev.stockpot.kernel;

import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaCode;
import dev.stockpot.memory.AddressView;
import dev.stockpot.memory.Native;
import dev.stockpot.memory.NativeMemory;
import dev.stockpot.memory.SourceFaultException;
import dev.stockpot.run.Isa;
import dev.stockpot.tensor.DType;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The C++ kernels for one instruction set. They work on native memory, mapped files and direct buffers in place, and on
 * buffers of the Java heap through a copy.
 */
public final class CpuKernels implements Kernels {
    private final Isa isa;

    /** The caller has checked that the library is available and the processor has {@code isa}, which has C++ kernels. */
    CpuKernels(Isa isa) {
        this.isa = isa;
    }

    /** Its number in {@code sp_isa_code}. */
    private int code() {
        return isa.ordinal() - Isa.SCALAR.ordinal();
    }

    boolean compilesFormulas() {
        return Native.sp_compiles(code()) != 0;
    }

    @Override
    public String name() {
        return isa.toString();
    }

    @Override
    public KernelMemory memory() {
        return NativeMemory::allocate;
    }

    @Override
    public boolean mix(Mix mix) {
        OperandCheck.check(mix);
        try (Addresses at = new Addresses()) {
            long[] addresses = at.of(mix.sources(), mix.elements());
            long out = at.of(mix.out(), mix.elements(), false);
            int answer = Native.sp_mix(
                    code(),
                    out,
                    code(mix.out().dtype()),
                    mix.elements(),
                    addresses,
                    codes(mix.sources()),
                    addresses.length,
                    mix.weights(),
                    mix.divisor(),
                    mix.streamed() ? 1 : 0);
            if (answer != 0 && answer != Native.SP_NOT_FINITE) {
                throw new SourceFaultException(
                        answer > 0 ? mix.sources().get(answer - 1).memory() : null);
            }
            copyBack(mix.out(), mix.elements(), out);
            return answer == 0;
        } finally {
            // Addresses do not keep the buffers that they point into alive.
            Reference.reachabilityFence(mix);
        }
    }

    @Override
    public void dot(Dot dot, double[] sums) {
        OperandCheck.check(dot, sums);
        try (Addresses at = new Addresses()) {
            long[] addresses = at.of(dot.sources(), dot.elements());
            int fault = Native.sp_dot(
                    code(),
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
        } finally {
            Reference.reachabilityFence(dot);
        }
    }

    @Override
    public boolean compute(Calculation call, double[] sums, long[] counts) {
        OperandCheck.check(call, sums, counts);
        Formula formula = call.formula();
        try (Addresses at = new Addresses()) {
            long[] addresses = at.of(call.sources(), call.elements());
            Operand into = call.out().orElse(null);
            long out = into == null ? 0 : at.of(into, call.elements(), false);
            FormulaCode steps = formula.code();
            int answer = Native.sp_compute(
                    code(),
                    formula.isWide() ? 1 : 0,
                    steps.steps(),
                    steps.steps().length / FormulaCode.STEP,
                    steps.registers(),
                    steps.constants(),
                    steps.constants().length,
                    steps.numbers(),
                    steps.tables(),
                    steps.tableShapes(),
                    addresses,
                    codes(call.sources()),
                    addresses.length,
                    out,
                    into == null ? 0 : code(into.dtype()),
                    call.streamed() ? 1 : 0,
                    call.first(),
                    call.elements(),
                    sums,
                    sums.length,
                    counts);
            if (answer == Native.SP_NO_MEMORY) {
                throw new OutOfMemoryError("no memory for the values of a formula");
            }
            if (answer != 0 && answer != Native.SP_NOT_FINITE) {
                throw new SourceFaultException(
                        answer > 0 ? call.sources().get(answer - 1).memory() : null);
            }
            if (into != null) {
                copyBack(into, call.elements(), out);
            }
            return answer == 0;
        } finally {
            Reference.reachabilityFence(call);
        }
    }

    @Override
    public long drop(Drop drop, double[] sums) {
        OperandCheck.check(drop, sums);
        try (Addresses at = new Addresses()) {
            long elements = drop.rows() * drop.rowLength();
            long values = at.of(drop.values(), elements, true);
            long kept = Native.sp_drop(
                    code(),
                    values,
                    code(drop.values().dtype()),
                    at.of(drop.random(), elements, true),
                    drop.rows(),
                    drop.rowLength(),
                    drop.density(),
                    drop.epsilon(),
                    at.of(drop.room(), drop.rowLength()),
                    sums.length == 0 ? null : sums);
            if (kept == Native.SP_FAULT_UNKNOWN) {
                throw new SourceFaultException(null);
            }
            copyBack(drop.values(), elements, values);
            return kept;
        } finally {
            Reference.reachabilityFence(drop);
        }
    }

    @Override
    public void divergence(Divergence call, double[] states) {
        OperandCheck.check(call, states);
        int steps = 0;
        for (Divergence.Step step : call.steps()) {
            steps |= 1 << step.ordinal();
        }
        try (Addresses at = new Addresses()) {
            long elements = call.rows() * call.rowLength();
            int fault = Native.sp_divergence(
                    code(),
                    at.of(call.model(), elements, true),
                    at.of(call.base(), elements, true),
                    call.rows(),
                    call.rowLength(),
                    steps,
                    states);
            if (fault != 0) {
                throw new SourceFaultException(null);
            }
        } finally {
            Reference.reachabilityFence(call);
        }
    }

    /** Operands' addresses for native code; owns the copies of those on the Java heap. */
    private static final class Addresses implements AutoCloseable {
        private final List<NativeMemory> copies = new ArrayList<>(0);

        long[] of(List<Operand> operands, long elements) {
            long[] addresses = new long[operands.size()];
            for (int k = 0; k < addresses.length; k++) {
                addresses[k] = of(operands.get(k), elements, true);
            }
            return addresses;
        }

        long of(Operand operand, long elements, boolean filled) {
            long address = operand.memory().address();
            if (address != 0) {
                return address + operand.offset();
            }
            ByteBuffer bytes = slice(operand, elements);
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

    private static void copyBack(Operand out, long elements, long address) {
        if (out.memory().address() == 0) {
            ByteBuffer bytes = slice(out, elements);
            bytes.put(AddressView.at(address, bytes.capacity()));
        }
    }

    // A Java buffer has at most 2^31 - 1 bytes.
    private static ByteBuffer slice(Operand operand, long elements) {
        return operand.memory()
                .slice(operand.offset(), Math.toIntExact(operand.dtype().bytes(elements)));
    }

    private static int[] codes(List<Operand> operands) {
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
