package dev.stockpot.checkpoint.torch.storage;

import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.checkpoint.spool.Spool;
import dev.stockpot.checkpoint.torch.pickle.Globals;
import dev.stockpot.checkpoint.torch.pickle.PickleInput;
import dev.stockpot.checkpoint.torch.pickle.PickleReader;
import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.zip.EntryBytes;
import dev.stockpot.checkpoint.zip.InflatedEntry;
import dev.stockpot.checkpoint.zip.MetadataRecord;
import dev.stockpot.checkpoint.zip.ZipDirectory;
import dev.stockpot.checkpoint.zip.ZipEntry;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.text.Printable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.ZipException;

/**
 * The records of PyTorch's zip format ({@code torch/serialization.py}): {@code data.pkl}, {@code byteorder} and
 * {@code data/KEY} under one common prefix. Stored storages are read in place; a deflated one is inflated into the spool
 * when a value of it is wanted, to exactly the length that the directory and the pickle both state.
 */
public final class ZipStorages implements Storages {
    private static final String PICKLE = "data.pkl";
    /** A pickle is names and shapes; the values are outside it. */
    private static final long MAX_PICKLE_BYTES = 256L << 20;

    private final Path file;
    private final RandomFile channel;
    private final ZipDirectory zip;
    private final Spool spool;
    private final String prefix;
    private final boolean bigEndian;
    private final Map<String, Region> inflated = new HashMap<>();

    private ZipStorages(Path file, RandomFile channel, ZipDirectory zip, Spool spool, String prefix)
            throws IOException {
        this.file = file;
        this.channel = channel;
        this.zip = zip;
        this.spool = spool;
        this.prefix = prefix;
        this.bigEndian = text("byteorder").equals("big");
    }

    /**
     * Reads the archive's directory.
     *
     * @throws CheckpointException if it is damaged, or not PyTorch's
     */
    public static ZipStorages open(Path file, RandomFile channel, Spool spool) throws IOException {
        ZipDirectory zip = ZipDirectory.read(file, channel);
        String pickle = null;
        long shallowest = Long.MAX_VALUE;
        for (String name : zip.entries().keySet()) {
            boolean candidate = name.equals(PICKLE) || name.endsWith("/" + PICKLE);
            long depth = candidate ? depth(name) : Long.MAX_VALUE;
            if (depth < shallowest) {
                pickle = name;
                shallowest = depth;
            } else if (candidate && depth == shallowest) {
                throw new CheckpointException(
                        Reason.SEVERAL_FILES,
                        file,
                        "holds two checkpoints, " + Printable.name(pickle) + " and " + Printable.name(name));
            }
        }
        if (pickle == null) {
            throw other(file, zip);
        }
        String prefix = pickle.substring(0, pickle.length() - PICKLE.length());
        return new ZipStorages(file, channel, zip, spool, prefix);
    }

    private static long depth(String name) {
        return name.chars().filter(c -> c == '/').count();
    }

    private static CheckpointException other(Path file, ZipDirectory zip) {
        if (zip.entries().keySet().stream().anyMatch(name -> name.endsWith(".npy"))) {
            return other(
                    file,
                    "a zip archive with arrays of NumPy among other things: not a PyTorch checkpoint",
                    "if it is one of NumPy, let its name end in .npz");
        }
        if (zip.entries().containsKey("model.weights.h5")) {
            return other(
                    file,
                    "a Keras model, not a PyTorch checkpoint",
                    "load it with Keras and save its weights as safetensors, by name");
        }
        return other(file, "a zip archive without data.pkl: not a PyTorch checkpoint", null);
    }

    private static CheckpointException other(Path file, String what, String hint) {
        return new CheckpointException(
                Reason.UNKNOWN_FORMAT, file, "is " + what, Details.of().hint(hint));
    }

    /** Whether it is a TorchScript archive, which holds code as well as values. */
    public boolean holdsCode() {
        return zip.entries().containsKey(prefix + "constants.pkl")
                || zip.entries().keySet().stream().anyMatch(name -> name.startsWith(prefix + "code/"));
    }

    /** The length of the object pickle, inflated. */
    public long pickleBytes() {
        return zip.entries().get(prefix + PICKLE).bytes();
    }

    /** The object pickle. */
    public Value pickle(Globals globals) throws IOException {
        ZipEntry entry = zip.entries().get(prefix + PICKLE);
        if (entry.bytes() > MAX_PICKLE_BYTES) {
            throw new CheckpointException(
                    Reason.DAMAGED,
                    file,
                    "has a pickle of " + entry.bytes() + " bytes, more than the " + MAX_PICKLE_BYTES + " read");
        }
        try (InputStream in = stream(entry)) {
            Value root = PickleReader.read(file, new PickleInput(in, entry.bytes()), globals);
            if (entry.method() == ZipEntry.DEFLATED) {
                InflatedEntry.finish(in);
            }
            return root;
        } catch (ZipException | EOFException e) {
            throw EntryBytes.invalid(file, entry, e);
        }
    }

    /** The metadata that a writer put next to the pickle; empty if there is none. */
    public Map<String, String> metadata() throws IOException {
        ZipEntry entry = zip.entries().get(prefix + MetadataRecord.NAME);
        if (entry == null) {
            return Map.of();
        }
        if (entry.bytes() > MetadataRecord.MAX_BYTES) {
            throw new CheckpointException(
                    Reason.DAMAGED,
                    file,
                    "its entry " + Printable.name(entry.name()) + " is longer than " + MetadataRecord.MAX_BYTES
                            + " bytes");
        }
        try (InputStream in = stream(entry)) {
            return MetadataRecord.read(file, in);
        } catch (ZipException | EOFException e) {
            throw EntryBytes.invalid(file, entry, e);
        }
    }

    private String text(String record) throws IOException {
        ZipEntry entry = zip.entries().get(prefix + record);
        if (entry == null) {
            return "";
        }
        try (InputStream in = stream(entry)) {
            return new String(in.readNBytes(16), StandardCharsets.US_ASCII).strip();
        } catch (ZipException | EOFException e) {
            throw EntryBytes.invalid(file, entry, e);
        }
    }

    private InputStream stream(ZipEntry entry) throws IOException {
        EntryBytes.check(file, entry);
        return EntryBytes.open(channel, entry, zip.dataOffset(entry));
    }

    @Override
    public Region locate(Value.Storage storage, String tensor) throws IOException {
        String name = prefix + "data/" + storage.key();
        ZipEntry entry = zip.entries().get(name);
        if (entry == null) {
            throw new CheckpointException(
                    Reason.DAMAGED,
                    file,
                    "lacks the storage " + Printable.name(name) + ", which the tensor " + Printable.name(tensor)
                            + " needs",
                    Details.of().tensor(tensor));
        }
        long declared = Math.multiplyExact(storage.elements(), (long) storage.width());
        if (entry.bytes() < declared || entry.bytes() - declared >= storage.width()) {
            throw new CheckpointException(
                    Reason.DAMAGED,
                    file,
                    "its storage " + Printable.name(name) + " is " + entry.bytes() + " bytes long but its pickle says "
                            + declared + ", for the tensor " + Printable.name(tensor),
                    Details.of().tensor(tensor).number("needed", declared).number("found", entry.bytes()));
        }
        if (entry.method() == ZipEntry.STORED) {
            return new Region(file, zip.dataOffset(entry), entry.bytes());
        }
        Region region = inflated.get(name);
        if (region == null) {
            EntryBytes.check(file, entry);
            long from = zip.dataOffset(entry);
            long at = spool.reserve(entry.bytes());
            Path path = file;
            spool.later((checkpoint, into) -> EntryBytes.inflate(path, checkpoint, entry, from, into, at));
            region = new Region(spool.file(), at, entry.bytes());
            inflated.put(name, region);
        }
        return region;
    }

    @Override
    public boolean bigEndian() {
        return bigEndian;
    }
}
