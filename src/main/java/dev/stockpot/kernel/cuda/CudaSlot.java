package dev.stockpot.kernel.cuda;

import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.AddressView;
import dev.stockpot.memory.Memory;
import dev.stockpot.memory.Native;
import dev.stockpot.memory.SourceFaultException;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUstream_st;

/**
 * A place on the device for one piece of a call at a time, with a stream of its own: work queued in one slot overlaps with
 * work queued in another. Operands in pinned memory are copied directly to and from the device; others pass through the slot's
 * own pinned memory, copied under the guard against files that shrink.
 *
 * <p>The context must be current, and only one thread at a time may use it.
 */
final class CudaSlot implements AutoCloseable {
    /** Operands start at multiples of this many bytes, so that the device moves 16 bytes at a time. */
    static final int ALIGNMENT = 256;

    private static final int WORD = 4;

    private final CudaDevice device;
    private final long memory;
    private final long capacity;
    private final KernelArguments arguments;
    private CUstream_st stream;
    /** Where in pinned memory kernels write that a result is not finite, which they seldom do. */
    private long struck;

    private long staging;
    private long filled;
    private Runnable whenDone = () -> {};

    /** With {@code capacity} bytes of the device, which the caller frees. */
    CudaSlot(CudaDevice device, long memory, long capacity) {
        this.device = device;
        this.memory = memory;
        this.capacity = capacity;
        this.arguments = new KernelArguments();
        try {
            stream = CudaDriver.createStream();
            struck = CudaDriver.allocatePinned(WORD);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    KernelArguments arguments() {
        return arguments;
    }

    /** Takes room for {@code bytes} bytes of this piece; returns its device address. */
    long place(long bytes) {
        long at = filled;
        filled += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (filled > capacity) {
            throw new IllegalStateException("a piece of " + filled + " bytes is larger than its slot of " + capacity);
        }
        return memory + at;
    }

    /** The same for elements of which {@code head} come before the one that is aligned. */
    long place(DType dtype, long elements, long head) {
        long before = Math.floorMod(-dtype.bytes(head), CudaCall.VECTOR);
        return place(before + dtype.bytes(elements)) + before;
    }

    /**
     * The device address of the elements from {@code first}: there already, or queued to be copied.
     *
     * @param head how many elements come before the one that is to be aligned, if it is copied
     */
    long bring(Operand operand, long first, long elements, long head) {
        long offset = operand.offset() + operand.dtype().bytes(first);
        if (operand.memory() instanceof ResidentMemory resident) {
            return resident.deviceAddress() + offset;
        }
        long bytes = operand.dtype().bytes(elements);
        long to = place(operand.dtype(), elements, head);
        long from;
        if (operand.memory() instanceof PinnedMemory pinned) {
            from = pinned.address() + offset;
        } else {
            from = staged(to);
            copyIn(operand.memory(), offset, from, bytes);
        }
        CudaDriver.upload(to, from, bytes, stream);
        return to;
    }

    /** Takes room for {@code bytes} bytes that {@code writer} writes, and queues their copy; returns their device address. */
    long put(int bytes, Consumer<ByteBuffer> writer) {
        long to = place(bytes);
        long from = staged(to);
        writer.accept(AddressView.at(from, bytes));
        CudaDriver.upload(to, from, bytes, stream);
        return to;
    }

    /** Takes room for {@code words} words of 4 bytes that are 0; returns their device address. */
    long zeros(int words) {
        long to = place(4L * words);
        CudaDriver.clear(to, words, stream);
        return to;
    }

    /** Queues the copy of a result from the device to an operand, which it reaches in {@link #finish} at the latest. */
    void fetch(long from, Operand operand, long first, long elements) {
        long offset = operand.offset() + operand.dtype().bytes(first);
        long bytes = operand.dtype().bytes(elements);
        if (operand.memory() instanceof PinnedMemory pinned) {
            CudaDriver.download(pinned.address() + offset, from, bytes, stream);
        } else {
            long to = fetch(from, bytes);
            whenDone(() -> copyOut(operand.memory(), offset, to, bytes));
        }
    }

    /** Queues the copy of a result to the slot's pinned memory; returns its address there. */
    long fetch(long from, long bytes) {
        long to = staged(from);
        CudaDriver.download(to, from, bytes, stream);
        return to;
    }

    /** Adds to what is done when all queued work is. */
    void whenDone(Runnable work) {
        Runnable before = whenDone;
        whenDone = () -> {
            before.run();
            work.run();
        };
    }

    /** The address of a word, now 0, that a kernel sets to 1 if a result of this piece is not finite. */
    long watch() {
        AddressView.at(struck, WORD).putInt(0, 0);
        return struck;
    }

    /** Whether a kernel has set that word; once all queued work is done. */
    boolean isStruck() {
        return AddressView.at(struck, WORD).getInt(0) != 0;
    }

    void launch(CUfunc_st kernel, int blocksX, int blocksY) {
        CudaDriver.launch(kernel, blocksX, blocksY, arguments.parameters(), stream);
    }

    void launch(CUfunc_st kernel, int blocks, int threads, int shared) {
        CudaDriver.launch(kernel, blocks, 1, threads, shared, arguments.parameters(), stream);
    }

    int multiprocessors() {
        return device.multiprocessors();
    }

    /** Waits for the piece, hands over its results, and empties the slot. */
    void finish() {
        CudaDriver.synchronize(stream);
        Runnable work = whenDone;
        whenDone = () -> {};
        filled = 0;
        work.run();
    }

    /** Waits after a failure, so that the device no longer reads or writes the caller's memory. */
    void abandon() {
        CudaDriver.abandon(stream);
        whenDone = () -> {};
        filled = 0;
    }

    /** Queues the copy of pinned memory to the device, outside of the slot. */
    void upload(PinnedMemory from, long offset, long bytes, long to) {
        CudaDriver.upload(to, from.address() + offset, bytes, stream);
    }

    /** The address in pinned memory that mirrors one on the device. */
    private long staged(long onDevice) {
        if (staging == 0) {
            staging = CudaDriver.allocatePinned(capacity);
        }
        return staging + (onDevice - memory);
    }

    private static void copyIn(Memory from, long offset, long to, long bytes) {
        if (from.address() != 0) {
            copy(to, from.address() + offset, bytes, from);
        } else {
            ByteBuffer buffer = from.slice(offset, Math.toIntExact(bytes));
            AddressView.at(to, buffer.capacity()).put(buffer);
        }
    }

    private static void copyOut(Memory to, long offset, long from, long bytes) {
        if (to.address() != 0) {
            copy(to.address() + offset, from, bytes, to);
        } else {
            ByteBuffer buffer = to.slice(offset, Math.toIntExact(bytes));
            buffer.put(AddressView.at(from, buffer.capacity()));
        }
    }

    private static void copy(long to, long from, long bytes, Memory named) {
        if (Native.sp_copy(to, from, bytes) != 0) {
            throw new SourceFaultException(named);
        }
    }

    @Override
    public void close() {
        if (stream != null) {
            CudaDriver.abandon(stream);
            CudaDriver.destroyStream(stream);
            stream = null;
        }
        if (struck != 0) {
            CudaDriver.freePinned(struck);
            struck = 0;
        }
        if (staging != 0) {
            CudaDriver.freePinned(staging);
            staging = 0;
        }
        arguments.close();
    }
}
