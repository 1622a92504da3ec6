package dev.stockpot.kernel.cuda;

import dev.stockpot.kernel.CpuKernels;
import dev.stockpot.kernel.Operand;
import java.util.List;

/** How much of a call goes into a slot at a time. */
final class CudaCall {
    /** Bytes that a thread of the device moves at a time, if they start at a multiple of that. */
    static final int VECTOR = 16;

    private CudaCall() {}

    /**
     * Elements of a piece: as many as a slot holds, but half of the call if that is long enough to be worth two pieces, so
     * that one is brought in while the other is computed; 0 if the slot does not hold {@code grain} elements.
     *
     * @param bytesAnElement bytes of the slot that an element takes, all operands together
     * @param operands how many operands take room in the slot
     * @param grain what the elements of a piece are a multiple of, except at the end
     */
    static long step(long elements, double bytesAnElement, int operands, long slotBytes, long grain) {
        long room = slotBytes - (long) operands * (CudaSlot.ALIGNMENT + VECTOR);
        long fits = bytesAnElement == 0 ? elements + grain : (long) (room / bytesAnElement);
        if (fits < grain) {
            return 0;
        }
        long half = Math.max((elements + 1) / 2, 1 << 16);
        return (Math.min(fits, half + grain) / grain) * grain;
    }

    /** Bytes of the slot that an element takes, in the operands that are not already on the device. */
    static long bytesAnElement(List<Operand> operands) {
        return operands.stream()
                .filter(o -> !(o.memory() instanceof ResidentMemory))
                .mapToLong(o -> o.dtype().bits() / 8)
                .sum();
    }

    /**
     * How many elements come before the first that is at a multiple of {@link #VECTOR} in every operand on the device; 0 if
     * they have none in common.
     */
    static long head(List<Operand> operands) {
        long head = 0;
        int narrowest = Integer.MAX_VALUE;
        for (Operand operand : operands) {
            if (operand.memory() instanceof ResidentMemory resident) {
                int size = operand.dtype().bits() / 8;
                if (size < narrowest) {
                    narrowest = size;
                    head = Math.floorMod(-at(resident, operand), VECTOR) / size;
                }
            }
        }
        for (Operand operand : operands) {
            if (operand.memory() instanceof ResidentMemory resident
                    && (at(resident, operand) + operand.dtype().bytes(head)) % VECTOR != 0) {
                return 0;
            }
        }
        return head;
    }

    private static long at(ResidentMemory resident, Operand operand) {
        return resident.deviceAddress() + operand.offset();
    }

    /** The device addresses of a launch's operands, brought into a slot unless they are there already. */
    static long[] bring(CudaSlot slot, List<Operand> operands, long first, long elements, long head) {
        long[] addresses = new long[operands.size()];
        for (int k = 0; k < addresses.length; k++) {
            addresses[k] = slot.bring(operands.get(k), first, elements, head);
        }
        return addresses;
    }

    static byte[] codes(List<Operand> operands) {
        byte[] codes = new byte[operands.size()];
        for (int k = 0; k < codes.length; k++) {
            codes[k] = (byte) CpuKernels.code(operands.get(k).dtype());
        }
        return codes;
    }
}
