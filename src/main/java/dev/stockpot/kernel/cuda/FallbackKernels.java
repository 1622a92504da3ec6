package dev.stockpot.kernel.cuda;

import dev.stockpot.error.DeviceException;
import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.Divergence;
import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.Drop;
import dev.stockpot.kernel.KernelMemory;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Mix;
import dev.stockpot.kernel.Operand;
import dev.stockpot.kernel.SourceFile;
import dev.stockpot.memory.Memory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/** Kernels on a GPU until it first fails: from then on, that call included, others do the work. */
final class FallbackKernels implements Kernels {
    private final Kernels device;
    private final Kernels otherwise;
    private final Consumer<String> note;
    private final KernelMemory memory = new EitherMemory();
    private volatile boolean failed;

    /** {@code note} receives the failure once. */
    FallbackKernels(Kernels device, Kernels otherwise, Consumer<String> note) {
        this.device = device;
        this.otherwise = otherwise;
        this.note = note;
    }

    @Override
    public String name() {
        return (failed ? otherwise : device).name();
    }

    @Override
    public KernelMemory memory() {
        return memory;
    }

    private final class EitherMemory implements KernelMemory {
        @Override
        public Memory allocate(long bytes) {
            try {
                return (failed ? otherwise : device).memory().allocate(bytes);
            } catch (DeviceException e) {
                fail(e);
                return otherwise.memory().allocate(bytes);
            }
        }

        @Override
        public Memory keep(SourceFile file, long offset, long length) {
            try {
                return failed ? null : device.memory().keep(file, offset, length);
            } catch (DeviceException e) {
                fail(e);
                return null;
            }
        }

        @Override
        public boolean wantsReads() {
            return !failed && device.memory().wantsReads();
        }
    }

    @Override
    public boolean mix(Mix mix) {
        if (!failed) {
            try {
                return device.mix(mix);
            } catch (DeviceException e) {
                fail(e);
            }
        }
        return otherwise.mix(new Mix(
                mix.out(),
                onHost(mix.sources(), mix.elements()),
                mix.elements(),
                mix.weights(),
                mix.divisor(),
                mix.streamed()));
    }

    @Override
    public void dot(Dot dot, double[] sums) {
        if (!failed) {
            // A failed call leaves its sums undefined.
            double[] before = sums.clone();
            try {
                device.dot(dot, sums);
                return;
            } catch (DeviceException e) {
                fail(e);
                System.arraycopy(before, 0, sums, 0, sums.length);
            }
        }
        otherwise.dot(new Dot(dot.vector(), onHost(dot.sources(), dot.elements()), dot.elements()), sums);
    }

    @Override
    public boolean compute(Calculation call, double[] sums, long[] counts) {
        if (!failed) {
            double[] sumsBefore = sums.clone();
            long[] countsBefore = counts.clone();
            try {
                return device.compute(call, sums, counts);
            } catch (DeviceException e) {
                fail(e);
                System.arraycopy(sumsBefore, 0, sums, 0, sums.length);
                System.arraycopy(countsBefore, 0, counts, 0, counts.length);
            }
        }
        return otherwise.compute(
                new Calculation(
                        call.formula(),
                        onHost(call.sources(), call.elements()),
                        call.out(),
                        call.first(),
                        call.elements(),
                        call.streamed()),
                sums,
                counts);
    }

    @Override
    public long drop(Drop drop, double[] sums) {
        return otherwise.drop(drop, sums);
    }

    @Override
    public void divergence(Divergence call, double[] states) {
        otherwise.divergence(call, states);
    }

    @Override
    public Kernels onHost() {
        return otherwise;
    }

    /** The operands, with those on the device read again from their files. */
    private static List<Operand> onHost(List<Operand> operands, long elements) {
        return operands.stream()
                .map(operand -> {
                    if (!(operand.memory() instanceof ResidentMemory resident)) {
                        return operand;
                    }
                    int bytes = Math.toIntExact(operand.dtype().bytes(elements));
                    ByteBuffer copy = resident.slice(operand.offset(), bytes);
                    return new Operand(operand.dtype(), Memory.of(copy), 0);
                })
                .toList();
    }

    private synchronized void fail(DeviceException failure) {
        if (!failed) {
            failed = true;
            note.accept("continuing on the CPU: " + failure.getMessage());
        }
    }

    @Override
    public void close() {
        device.close();
        otherwise.close();
    }
}
