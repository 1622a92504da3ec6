package dev.stockpot.checkpoint.torch.storage;

import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.checkpoint.spool.Gather;
import dev.stockpot.checkpoint.spool.Spool;
import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.torch.pickle.Value.Tensor;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds where each tensor's values are stored as contiguous, row-major, little-endian bytes: in the checkpoint itself if
 * they are like this there, otherwise in the spool, which will hold a copy of them.
 */
public final class TensorPlacer {
    /** Copies may take this many times the bytes of the storages that they come from, plus {@link #FREE_EXPANSION}. */
    private static final int MAX_EXPANSION = 16;
    /** Bytes that copies may take in addition: a stride of 0 makes a tensor of any size from one element. */
    private static final long FREE_EXPANSION = 256L << 20;

    private final Path file;
    private final RandomFile channel;
    private final Storages storages;
    private final Spool spool;
    private final Map<View, Long> copies = new HashMap<>();
    /** By identity: the same bytes may be in many arrays. */
    private final Map<byte[], Long> writtenOut = new IdentityHashMap<>();

    private final Set<String> touched = new HashSet<>();
    private long touchedBytes;
    private long copiedBytes;

    public TensorPlacer(Path file, RandomFile channel, Storages storages, Spool spool) {
        this.file = file;
        this.channel = channel;
        this.storages = storages;
        this.spool = spool;
    }

    /**
     * Where the tensor's values are.
     *
     * @throws CheckpointException if its storage is missing or does not hold it
     */
    public TensorInfo place(String name, Tensor tensor) throws IOException {
        List<Long> shape = View.of(tensor).shape();
        long bytes;
        try {
            long elements = 1;
            for (long size : tensor.shape()) {
                elements = Math.multiplyExact(elements, size);
            }
            bytes = tensor.dtype().bytes(elements);
            Value.Held held = tensor.storage().held();
            Region region = held == null ? storages.locate(tensor.storage(), name) : region(held);
            long first = firstByte(name, tensor, bytes > 0);
            int width = tensor.dtype().bits() / 8;
            boolean bigEndian = held == null ? storages.bigEndian() : held.bigEndian();
            boolean swap = bigEndian && width > 1;
            if (bytes == 0) {
                return new TensorInfo(name, tensor.dtype(), shape, source(region), region.offset(), 0);
            }
            if (isContiguous(tensor) && !swap) {
                return new TensorInfo(name, tensor.dtype(), shape, source(region), region.offset() + first, bytes);
            }
            long at = copy(name, tensor, shape, region, region.offset() + first, bytes, swap);
            return new TensorInfo(name, tensor.dtype(), shape, new FileSource(spool.file()), at, bytes);
        } catch (ArithmeticException e) {
            throw new CheckpointException(
                    Reason.DAMAGED,
                    file,
                    "tensor " + Printable.name(name) + " has the shape " + shape + " of " + tensor.dtype()
                            + ", which no file can hold",
                    Details.of().tensor(name).cause(e));
        }
    }

    /** Where values that are in the pickle will be. */
    private Region region(Value.Held held) throws IOException {
        byte[] bytes = held.bytes();
        Long at = writtenOut.get(bytes);
        if (at == null) {
            at = spool.reserve(bytes.length);
            long start = at;
            spool.later((checkpoint, into) -> into.write(ByteBuffer.wrap(bytes), start));
            writtenOut.put(bytes, at);
        }
        return new Region(spool.file(), at, bytes.length);
    }

    private FileSource source(Region region) {
        return region.file().equals(file) ? channel.source() : new FileSource(region.file());
    }

    /** The offset of its first element in its storage's bytes; checks that the storage holds all elements. */
    private long firstByte(String name, Tensor tensor, boolean any) {
        int width = tensor.dtype().bits() / 8;
        Value.Storage storage = tensor.storage();
        long last = tensor.offset();
        for (int d = 0; any && d < tensor.shape().length; d++) {
            last = Math.addExact(last, Math.multiplyExact(tensor.shape()[d] - 1, tensor.strides()[d]));
        }
        long end = any ? Math.multiplyExact(Math.addExact(last, 1), (long) width) : 0;
        long held = Math.multiplyExact(storage.elements(), (long) storage.width());
        if (end > held) {
            throw new CheckpointException(
                    Reason.DAMAGED,
                    file,
                    "tensor " + Printable.name(name) + " reaches to byte " + end + " of its storage "
                            + Printable.name(storage.key()) + ", which has " + held,
                    Details.of().tensor(name));
        }
        return any ? storage.first() * storage.width() + tensor.offset() * width : 0;
    }

    private static boolean isContiguous(Tensor tensor) {
        long expected = 1;
        for (int d = tensor.shape().length - 1; d >= 0; d--) {
            if (tensor.shape()[d] != 1 && tensor.strides()[d] != expected) {
                return false;
            }
            expected *= tensor.shape()[d];
        }
        return true;
    }

    /** Complex numbers as pairs of numbers, each with its own byte order: {@code values} times a factor, and one more. */
    private static long[] plus(long[] values, long times, long last) {
        long[] more = Arrays.copyOf(values, values.length + 1);
        for (int d = 0; d < values.length; d++) {
            more[d] = Math.multiplyExact(values[d], times);
        }
        more[values.length] = last;
        return more;
    }

    /** The offset in the spool that a copy will have. */
    private long copy(String name, Tensor tensor, List<Long> shape, Region region, long first, long bytes, boolean swap)
            throws IOException {
        View copy = View.of(tensor);
        Long known = copies.get(copy);
        if (known != null) {
            return known;
        }
        if (touched.add(tensor.storage().key())) {
            touchedBytes = Math.addExact(touchedBytes, region.bytes());
        }
        copiedBytes = Math.addExact(copiedBytes, bytes);
        if ((copiedBytes - FREE_EXPANSION) / MAX_EXPANSION > touchedBytes) {
            throw new CheckpointException(
                    Reason.DAMAGED,
                    file,
                    "tensor " + Printable.name(name) + " " + shape
                            + " repeats the values of its storage so often that its " + bytes
                            + " bytes are too many to write out",
                    Details.of().tensor(name));
        }
        long at = spool.reserve(bytes);
        boolean again = region.file() == spool.file();
        boolean pairs = tensor.dtype().isComplex();
        long[] sizes = pairs ? plus(tensor.shape(), 1, 2) : tensor.shape();
        long[] steps = pairs ? plus(tensor.strides(), 2, 1) : tensor.strides();
        int width = tensor.dtype().bits() / (pairs ? 16 : 8);
        spool.later((checkpoint, into) ->
                Gather.copy(again ? into : checkpoint, first, sizes, steps, width, swap, into, at));
        copies.put(copy, at);
        return at;
    }
}
