package dev.stockpot.checkpoint.torch.storage;

import dev.stockpot.checkpoint.file.FileSlice;
import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.checkpoint.torch.pickle.Globals;
import dev.stockpot.checkpoint.torch.pickle.PickleInput;
import dev.stockpot.checkpoint.torch.pickle.PickleReader;
import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.torch.pickle.Value.Int;
import dev.stockpot.checkpoint.torch.pickle.Value.Sequence;
import dev.stockpot.checkpoint.torch.pickle.Value.Text;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * PyTorch's format before version 1.6 ({@code torch/serialization.py}, {@code _legacy_save}): pickles of a magic number, of
 * the protocol number 1001, of facts about the writing machine, of the object and of the storages' keys; then each storage:
 * an element count of 8 bytes and the values, always little-endian.
 */
public final class LegacyStorages implements Storages {
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long PROTOCOL = 1001;
    private static final long MAX_PICKLE_BYTES = 256L << 20;

    private final Path file;
    private final Value root;
    private final long pickleBytes;
    private final Map<String, Region> regions = new HashMap<>();

    private LegacyStorages(Path file, Value root, long pickleBytes) {
        this.pickleBytes = pickleBytes;
        this.file = file;
        this.root = root;
    }

    /**
     * Reads the pickles and finds the storages.
     *
     * @throws CheckpointException if one is damaged, or the file is not PyTorch's
     */
    public static LegacyStorages open(Path file, RandomFile channel) throws IOException {
        long size = channel.size();
        PickleInput in = new PickleInput(new FileSlice(channel, 0, size), Math.min(size, MAX_PICKLE_BYTES));
        Map<String, Value.Storage> storages = new HashMap<>();
        Globals globals = new Globals(storages);
        Value magic = PickleReader.read(file, in, globals);
        Value protocol = magic instanceof Value.BigInt big && big.value().equals(MAGIC)
                ? PickleReader.read(file, in, globals)
                : null;
        if (!(protocol instanceof Int version) || version.value() != PROTOCOL) {
            throw new CheckpointException(
                    Reason.UNKNOWN_FORMAT,
                    file,
                    "is a Python pickle that PyTorch did not write: not a checkpoint",
                    Details.of()
                            .hint(
                                    "if it holds NumPy arrays by name, as in a model zoo, load it in Python and save them as"
                                            + " safetensors: safetensors.numpy.save_file(arrays, \"model.safetensors\")"));
        }
        PickleReader.read(file, in, globals);
        LegacyStorages found = new LegacyStorages(file, PickleReader.read(file, in, globals), in.position());
        Value keys = PickleReader.read(file, in, globals);
        if (!(keys instanceof Sequence sequence)) {
            throw new CheckpointException(Reason.DAMAGED, file, "its pickle of the storages' keys is not a list");
        }
        found.find(channel, in.position(), sequence, storages);
        return found;
    }

    private void find(RandomFile channel, long start, Sequence keys, Map<String, Value.Storage> storages)
            throws IOException {
        long size = channel.size();
        long at = start;
        for (Value value : keys.items()) {
            Value.Storage storage = value instanceof Text key ? storages.get(key.value()) : null;
            if (storage == null) {
                throw new CheckpointException(Reason.DAMAGED, file, "holds a storage that its pickle does not name");
            }
            if (storage.width() == 0) {
                throw new CheckpointException(Reason.UNSUPPORTED, file, "holds " + storage.unsupported());
            }
            if (size - at < Long.BYTES) {
                throw truncated(storage);
            }
            long count = count(channel, at);
            at += Long.BYTES;
            if (count < 0 || count > (size - at) / storage.width()) {
                throw truncated(storage);
            }
            long bytes = count * storage.width();
            if (regions.put(storage.key(), new Region(file, at, bytes)) != null) {
                throw new CheckpointException(
                        Reason.DAMAGED, file, "holds the storage " + Printable.name(storage.key()) + " twice");
            }
            at += bytes;
        }
    }

    private CheckpointException truncated(Value.Storage storage) {
        return new CheckpointException(
                Reason.DAMAGED,
                file,
                "ends within its storage " + Printable.name(storage.key()) + ": it is truncated or damaged");
    }

    private static long count(RandomFile channel, long offset) throws IOException {
        ByteBuffer count = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (count.hasRemaining()) {
            if (channel.read(count, offset + count.position()) < 0) {
                throw new IOException("it shrank");
            }
        }
        return count.getLong(0);
    }

    /** The length of the pickles up to the object's end. */
    public long pickleBytes() {
        return pickleBytes;
    }

    /** The object. */
    public Value root() {
        return root;
    }

    @Override
    public Region locate(Value.Storage storage, String tensor) {
        Region region = regions.get(storage.key());
        if (region == null) {
            throw new CheckpointException(
                    Reason.DAMAGED,
                    file,
                    "lacks the storage " + Printable.name(storage.key()) + ", which the tensor "
                            + Printable.name(tensor) + " needs",
                    Details.of().tensor(tensor));
        }
        long needed = Math.multiplyExact(Math.addExact(storage.first(), storage.elements()), (long) storage.width());
        if (region.bytes() < needed) {
            throw new CheckpointException(
                    Reason.DAMAGED,
                    file,
                    "its storage " + Printable.name(storage.key()) + " is " + region.bytes()
                            + " bytes long but its pickle says " + needed + ", for the tensor "
                            + Printable.name(tensor),
                    Details.of().tensor(tensor).number("needed", needed).number("found", region.bytes()));
        }
        return region;
    }

    @Override
    public boolean bigEndian() {
        return false;
    }
}
