package dev.stockpot.kernel.cuda;

import dev.stockpot.kernel.CpuKernels;
import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.AddressView;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.cuda.cudart.CUfunc_st;

/** One call for dot products on a device, which sums each block; the blocks' sums are added here, in order. */
final class CudaDot {
    /** Sources that a block of the grid takes: one per warp. */
    private static final int SOURCES_A_BLOCK = CudaDriver.THREADS / Dot.LANES;

    private final CudaDevice device;
    private final Dot dot;
    private final double[] sums;
    private final CUfunc_st kernel;
    private final byte[] codes;

    CudaDot(CudaDevice device, Dot dot, double[] sums) {
        this.device = device;
        this.dot = dot;
        this.sums = sums;
        this.kernel = device.dot();
        this.codes = CudaCall.codes(dot.sources());
    }

    void run(CudaLane lane, long slotBytes) {
        int count = dot.sources().size();
        double bytes =
                CudaCall.bytesAnElement(dot.sources()) + dot.vector().dtype().bits() / 8 + 8.0 * count / Dot.BLOCK;
        // One more for each source: its last block may be partial but has a whole sum.
        long step = CudaCall.step(dot.elements(), bytes, 2 * count + 2, slotBytes, Dot.BLOCK);
        if (step > 0) {
            lane.run(dot.elements(), step, this::queue);
            return;
        }
        // A slot does not hold a block of each: takes half of the sources at a time. It holds a block of one, of any
        // type.
        part(0, count / 2, lane, slotBytes);
        part(count / 2, count, lane, slotBytes);
    }

    private void part(int from, int to, CudaLane lane, long slotBytes) {
        double[] part = Arrays.copyOfRange(sums, from, to);
        Dot some = new Dot(dot.vector(), dot.sources().subList(from, to), dot.elements());
        new CudaDot(device, some, part).run(lane, slotBytes);
        System.arraycopy(part, 0, sums, from, part.length);
    }

    private void queue(CudaSlot slot, long first, long elements) {
        List<Operand> sources = dot.sources();
        int count = sources.size();
        int blocks = Math.toIntExact((elements + Dot.BLOCK - 1) / Dot.BLOCK);
        long vector = slot.bring(dot.vector(), first, elements, 0);
        long[] addresses = CudaCall.bring(slot, sources, first, elements, 0);
        int bytes = Math.toIntExact(8L * count * blocks);
        long blockSums = slot.place(bytes);
        for (int from = 0; from < count; from += KernelArguments.MOST_SOURCES) {
            int to = Math.min(count, from + KernelArguments.MOST_SOURCES);
            slot.arguments()
                    .dot(
                            Arrays.copyOfRange(addresses, from, to),
                            Arrays.copyOfRange(codes, from, to),
                            vector,
                            (byte) CpuKernels.code(dot.vector().dtype()),
                            blockSums + 8L * from * blocks,
                            elements);
            slot.launch(kernel, blocks, (to - from + SOURCES_A_BLOCK - 1) / SOURCES_A_BLOCK);
        }
        long results = slot.fetch(blockSums, bytes);
        slot.whenDone(() -> addUp(AddressView.at(results, bytes), blocks));
    }

    private void addUp(ByteBuffer blockSums, int blocks) {
        for (int k = 0; k < sums.length; k++) {
            for (int b = 0; b < blocks; b++) {
                sums[k] += blockSums.getDouble(8 * (k * blocks + b));
            }
        }
    }
}
