package dev.stockpot.kernel.cuda;

import dev.stockpot.error.Details;
import dev.stockpot.error.DeviceException;
import dev.stockpot.error.Reason;
import dev.stockpot.kernel.CpuKernels;
import dev.stockpot.kernel.Mix;
import dev.stockpot.kernel.Operand;
import dev.stockpot.tensor.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bytedeco.cuda.cudart.CUfunc_st;

/** One mix on a device: its pieces, and the launches that each needs. */
final class CudaMix {
    private static final int GRAIN = 64;

    /** Blocks of a launch on each multiprocessor: as many as its registers hold at once. */
    private static final int RESIDENT_BLOCKS = 4;

    private final Mix mix;
    private final CUfunc_st kernel;
    private final boolean inF64;
    private final double divisor;
    private final double reciprocal;
    private final double[] weights;
    private final byte[] codes;
    /** Elements of a piece that have a launch of their own, so that the rest is aligned. */
    private final long head;

    private boolean finite = true;

    CudaMix(CudaDevice device, Mix mix) {
        this.mix = mix;
        this.inF64 = mix.accumulatesInF64();
        this.kernel = device.mix(inF64);
        this.divisor = inF64 ? mix.divisor() : (float) mix.divisor();
        this.reciprocal = isExactlyInvertible(divisor) ? 1 / divisor : 0;
        this.weights = mix.weights() == null || inF64
                ? mix.weights()
                : Arrays.stream(mix.weights()).map(w -> (float) w).toArray();
        this.codes = CudaCall.codes(mix.sources());
        // Pieces are whole vectors of every type, so it is the same for each of them.
        this.head = CudaCall.head(mix.sources());
    }

    /** Whether x / divisor and x * (1 / divisor) are the same for every x: both then round the same exact value. */
    private static boolean isExactlyInvertible(double divisor) {
        boolean powerOfTwo = (Double.doubleToRawLongBits(divisor) & 0xFFFFFFFFFFFFFL) == 0;
        return powerOfTwo && Math.abs(Math.getExponent(divisor)) <= 126;
    }

    void run(CudaLane lane, long slotBytes) {
        boolean continued = mix.sources().size() > KernelArguments.MOST_SOURCES;
        long bytes = CudaCall.bytesAnElement(mix.sources()) + mix.out().dtype().bits() / 8 + (continued ? 8 : 0);
        long step = CudaCall.step(mix.elements(), bytes, mix.sources().size() + 2, slotBytes, GRAIN);
        if (step == 0) {
            throw new DeviceException(
                    Reason.DEVICE_MEMORY,
                    String.format(
                            Locale.ROOT,
                            "the GPU cannot be used: %d ingredients at once do not fit into its share of %d bytes",
                            mix.sources().size(),
                            slotBytes),
                    Details.of().hint("use more of its memory"));
        }
        lane.run(mix.elements(), step, this::queue);
    }

    private void queue(CudaSlot slot, long first, long elements) {
        List<Operand> sources = mix.sources();
        DType dtype = mix.out().dtype();
        long[] addresses = CudaCall.bring(slot, sources, first, elements, head);
        long out = slot.place(dtype, elements, head);
        boolean continued = sources.size() > KernelArguments.MOST_SOURCES;
        long accumulators = continued ? slot.place(DType.F64, elements, head) : 0;
        long before = Math.min(head, elements);
        long struck = slot.watch();
        launch(slot, addresses, out, accumulators, struck, before);
        for (int k = 0; k < addresses.length; k++) {
            addresses[k] += sources.get(k).dtype().bytes(before);
        }
        launch(slot, addresses, out + dtype.bytes(before), accumulators + 8 * before, struck, elements - before);
        slot.fetch(out, mix.out(), first, elements);
        slot.whenDone(() -> finite &= !slot.isStruck());
    }

    /** Whether all of the result were finite; once it has run. */
    boolean isFinite() {
        return finite;
    }

    private void launch(CudaSlot slot, long[] addresses, long out, long accumulators, long struck, long elements) {
        int count = addresses.length;
        for (int from = 0; from < count && elements > 0; from += KernelArguments.MOST_SOURCES) {
            int to = Math.min(count, from + KernelArguments.MOST_SOURCES);
            slot.arguments()
                    .mix(
                            Arrays.copyOfRange(addresses, from, to),
                            Arrays.copyOfRange(codes, from, to),
                            weights == null ? null : Arrays.copyOfRange(weights, from, to),
                            out,
                            (byte) CpuKernels.code(mix.out().dtype()),
                            accumulators,
                            elements,
                            divisor,
                            reciprocal,
                            struck,
                            (from > 0 ? KernelArguments.RESUME : 0) | (to == count ? KernelArguments.FINISH : 0));
            slot.launch(kernel, blocks(elements, inF64, slot.multiprocessors()), 1);
        }
    }

    /** Blocks of a launch; threads stride over any further elements. */
    static int blocks(long elements, boolean inF64, int multiprocessors) {
        long perBlock = CudaDriver.THREADS * (inF64 ? 8L : 16L);
        return (int) Math.min((elements + perBlock - 1) / perBlock, (long) multiprocessors * RESIDENT_BLOCKS);
    }
}
