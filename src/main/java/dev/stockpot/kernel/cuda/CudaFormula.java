package dev.stockpot.kernel.cuda;

import dev.stockpot.formula.FormulaCode;
import dev.stockpot.formula.Op;
import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.CpuKernels;
import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.AddressView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** One formula on a device. Sums of blocks are added up here, in order. */
final class CudaFormula {
    /** Warps on each multiprocessor: as many as its registers hold at once. */
    private static final int RESIDENT_WARPS = 32;

    private static final int LANES = Dot.LANES;

    private final CudaDevice device;
    private final Calculation call;
    private final double[] sums;
    private final long[] counts;
    private final FormulaCode code;
    private final boolean inF64;
    /** Null if there is no room for its registers. */
    private final List<DeviceFormula> launches;
    /** The sources that it reads, in order. */
    private final BitSet read;

    private boolean finite = true;

    CudaFormula(CudaDevice device, Calculation call, double[] sums, long[] counts) {
        this.device = device;
        this.call = call;
        this.sums = sums;
        this.counts = counts;
        this.code = call.formula().code();
        this.inF64 = call.inF64();
        this.launches = DeviceFormula.of(code);
        this.read = DeviceFormula.sources(code);
    }

    /** Whether the device has room for its registers, and a slot for a block of elements. */
    boolean fits(long slotBytes) {
        return launches != null && step(slotBytes) > 0;
    }

    /** Whether all of the output are finite; once it has run. */
    boolean isFinite() {
        return finite;
    }

    void run(CudaLane lane, long slotBytes) {
        lane.run(call.elements(), step(slotBytes), this::queue);
    }

    private int tables() {
        return code.tableShapes().length / 3;
    }

    private int sumCount() {
        return launches.stream().mapToInt(DeviceFormula::sums).sum();
    }

    private int bins() {
        return launches.stream().mapToInt(DeviceFormula::bins).sum();
    }

    /** Elements of a piece; 0 if a slot does not hold a block. */
    private long step(long slotBytes) {
        // One more sum for each, as a last block may be partial.
        long fixed = programBytes(0) + 4L * bins() + 8L * sumCount();
        List<Operand> sources = read.stream().mapToObj(call.sources()::get).toList();
        double bytes = CudaCall.bytesAnElement(sources)
                + call.out().map(out -> out.dtype().bits() / 8).orElse(0)
                + 8.0 * sumCount() / Dot.BLOCK;
        for (int t = 0; t < tables(); t++) {
            fixed += TableWindow.fixedBytes(code, t);
            bytes += TableWindow.bytesAnElement(code, t);
        }
        int operands = sources.size() + 4;
        long step = CudaCall.step(call.elements(), bytes, operands, slotBytes - fixed, Dot.BLOCK);
        return Math.min(step, TableWindow.MOST_ELEMENTS);
    }

    /** @param numbers how many the tables have */
    private long programBytes(long numbers) {
        long steps =
                launches.stream().mapToLong(launch -> launch.steps().size()).sum();
        return steps * DeviceFormula.STEP_BYTES
                + 8L * (code.constants().length + code.numbers().length + numbers)
                + 16L * call.sources().size()
                + 32L * tables();
    }

    private void queue(CudaSlot slot, long first, long elements) {
        long index = call.first() + first;
        int blocks = Math.toIntExact((elements + Dot.BLOCK - 1) / Dot.BLOCK);
        long[] sources = new long[call.sources().size()];
        read.stream().forEach(k -> sources[k] = slot.bring(call.sources().get(k), first, elements, 0));
        long out = call.out().isPresent() ? slot.place(call.out().get().dtype(), elements, 0) : 0;
        int sumBytes = Math.toIntExact(8L * sumCount() * blocks);
        long blockSums = sumBytes == 0 ? 0 : slot.place(sumBytes);
        long bins = bins() == 0 ? 0 : slot.zeros(bins());
        long struck = slot.watch();
        Program program = new Program(sources, index, elements);
        long at = slot.put(program.bytes(), program::write);
        long sum = blockSums;
        long bin = bins;
        for (DeviceFormula launch : launches) {
            slot.arguments()
                    .formula(
                            program.addresses(at, launch, out, sum, bin, struck),
                            index,
                            elements,
                            launch.steps().size(),
                            launch.registers(),
                            launch.sums(),
                            outCode());
            launch(slot, launch, elements);
            sum += 8L * launch.sums() * blocks;
            bin += 4L * launch.bins();
        }
        fetch(slot, first, elements, out);
        if (sumBytes > 0) {
            long results = slot.fetch(blockSums, sumBytes);
            slot.whenDone(() -> addUp(AddressView.at(results, sumBytes), blocks));
        }
        if (bins > 0) {
            long results = slot.fetch(bins, 4L * bins());
            slot.whenDone(() -> count(AddressView.at(results, 4 * bins())));
        }
    }

    private byte outCode() {
        return call.out().map(out -> (byte) CpuKernels.code(out.dtype())).orElse((byte) 0);
    }

    private void launch(CudaSlot slot, DeviceFormula launch, long elements) {
        // With sums a warp takes whole blocks of them.
        int atOnce = launch.sums() > 0 ? Dot.BLOCK : LANES * (inF64 ? 2 : 4);
        int warps = launch.threads() / LANES;
        long wanted = ((elements + atOnce - 1) / atOnce + warps - 1) / warps;
        long most = (long) slot.multiprocessors() * RESIDENT_WARPS / warps;
        slot.launch(device.formula(inF64), (int) Math.min(wanted, most), launch.threads(), launch.sharedBytes());
    }

    private void fetch(CudaSlot slot, long first, long elements, long from) {
        if (call.out().isPresent()) {
            Operand out = call.out().get();
            slot.fetch(from, out, first, elements);
            slot.whenDone(() -> finite &= !slot.isStruck());
        }
    }

    private void addUp(ByteBuffer blockSums, int blocks) {
        for (DeviceFormula launch : launches) {
            for (DeviceFormula.Result result : launch.results()) {
                for (int b = 0; b < blocks && DeviceFormula.isSum(result.op()); b++) {
                    double sum = blockSums.getDouble();
                    if (result.op() == Op.COUNT) {
                        counts[result.place()] += (long) sum;
                    } else {
                        sums[result.place()] += sum;
                    }
                }
            }
        }
    }

    private void count(ByteBuffer bins) {
        for (DeviceFormula launch : launches) {
            for (DeviceFormula.Result result : launch.results()) {
                for (int n = 0; n < result.bins(); n++) {
                    counts[result.place() + n] += Integer.toUnsignedLong(bins.getInt());
                }
            }
        }
    }

    /** What a piece's launches read besides elements. */
    private final class Program {
        private final long[] sources;
        private final List<TableWindow> windows = new ArrayList<>();

        Program(long[] sources, long index, long elements) {
            this.sources = sources;
            for (int t = 0; t < tables(); t++) {
                windows.add(TableWindow.of(code, t, index, elements));
            }
        }

        int bytes() {
            long numbers = windows.stream().mapToLong(TableWindow::length).sum();
            return Math.toIntExact(programBytes(numbers));
        }

        void write(ByteBuffer to) {
            launches.forEach(launch -> launch.write(to));
            for (double constant : code.constants()) {
                to.putDouble(constant);
            }
            for (long number : code.numbers()) {
                to.putLong(number);
            }
            for (int k = 0; k < sources.length; k++) {
                to.putLong(sources[k])
                        .putLong(CpuKernels.code(call.sources().get(k).dtype()));
            }
            long place = 0;
            for (TableWindow window : windows) {
                to.putLong(place)
                        .putLong(window.length())
                        .putLong(window.each())
                        .putLong(window.offset());
                place += window.length();
            }
            windows.forEach(window -> window.write(code.tables(), to));
        }

        /** The addresses that a launch takes, the program being at {@code at}. */
        long[] addresses(long at, DeviceFormula launch, long out, long blockSums, long bins, long struck) {
            long steps = at;
            long all = at;
            for (DeviceFormula each : launches) {
                steps = each == launch ? all : steps;
                all += (long) each.steps().size() * DeviceFormula.STEP_BYTES;
            }
            long numbers = all + 8L * code.constants().length;
            long places = numbers + 8L * code.numbers().length;
            long shapes = places + 16L * sources.length;
            long tables = shapes + 32L * windows.size();
            return new long[] {steps, all, numbers, places, tables, shapes, out, blockSums, bins, struck};
        }
    }
}
