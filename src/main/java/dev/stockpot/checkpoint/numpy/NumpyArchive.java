package dev.stockpot.checkpoint.numpy;

import dev.stockpot.checkpoint.file.FileSlice;
import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.checkpoint.spool.Gather;
import dev.stockpot.checkpoint.spool.Spool;
import dev.stockpot.checkpoint.zip.EntryBytes;
import dev.stockpot.checkpoint.zip.MetadataRecord;
import dev.stockpot.checkpoint.zip.ZipDirectory;
import dev.stockpot.checkpoint.zip.ZipEntry;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.Source;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.Printable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipException;

/** What a {@code .npz} archive, or one {@code .npy} file, holds: arrays, and what else is among them. */
final class NumpyArchive {
    private static final String ENDING = NumpyLayout.ENDING;
    /** What NumPy itself calls an array that has no name. */
    private static final String UNNAMED = "arr_0";

    private final Path file;
    private final RandomFile in;
    private final Spool spool;
    private final Map<String, Member> members = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private boolean zip;
    private Map<String, String> metadata = Map.of();

    private NumpyArchive(Path file, RandomFile in, Spool spool) {
        this.file = file;
        this.in = in;
        this.spool = spool;
    }

    /**
     * A member of the archive.
     *
     * @param entry its name there
     * @param header what it is; null if it is no array of numbers
     * @param tensor its values; of what is no array of numbers, all its bytes
     */
    record Member(String entry, NpyHeader header, TensorInfo tensor) {
        boolean isArray() {
            return header != null;
        }
    }

    /** Where the bytes of a member are, uncompressed: in the file or, once that is filled, in the spool. */
    private record Place(Source source, boolean spooled, long offset, long bytes) {}

    /**
     * Reads the headers of {@code file}, open as {@code in}; what cannot be read in place has a place in {@code spool}.
     *
     * @throws CheckpointException if it is damaged, or an array is one of Python objects
     */
    static NumpyArchive read(Path file, RandomFile in, Spool spool) throws IOException {
        NumpyArchive archive = new NumpyArchive(file, in, spool);
        byte[] start = new FileSlice(in, 0, 2).readNBytes(2);
        archive.zip = start.length == 2 && start[0] == 'P' && start[1] == 'K';
        if (archive.zip) {
            archive.entries();
        } else {
            NpyHeader header = archive.header(UNNAMED, new FileSlice(in, 0, in.size()));
            archive.add(UNNAMED + ENDING, header, new Place(in.source(), false, 0, in.size()));
        }
        in.checkUnchanged();
        return archive;
    }

    /** Whether it is an archive, not one array alone. */
    boolean isZip() {
        return zip;
    }

    /** What an output's comment says of it. */
    Map<String, String> metadata() {
        return metadata;
    }

    /** What to know about how it was read, in words. */
    List<String> notes() {
        return notes;
    }

    /** Everything in it, by the name that its tensor has, in the file's order. */
    Map<String, Member> members() {
        return members;
    }

    private void entries() throws IOException {
        ZipDirectory directory = ZipDirectory.read(file, in);
        metadata = MetadataRecord.read(file, directory.comment());
        for (ZipEntry entry : directory.entries().values()) {
            EntryBytes.check(file, entry);
            long data = directory.dataOffset(entry);
            NpyHeader header = null;
            if (entry.name().endsWith(ENDING)) {
                try (InputStream bytes = EntryBytes.open(in, entry, data)) {
                    header = header(name(entry.name()), bytes);
                } catch (ZipException | EOFException e) {
                    throw EntryBytes.invalid(file, entry, e);
                }
            }
            add(entry.name(), header, place(entry, data));
        }
    }

    private static String name(String entry) {
        return entry.endsWith(ENDING) ? entry.substring(0, entry.length() - ENDING.length()) : entry;
    }

    private NpyHeader header(String name, InputStream bytes) throws IOException {
        NpyHeader header = NpyHeader.read(file, name, bytes);
        if (header.objects()) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    file,
                    Printable.name(name) + " is an array of Python objects: a pickle, which is never run",
                    Details.of().tensor(name).hint("save the file again without it, or with numbers in its place"));
        }
        return header;
    }

    private Place place(ZipEntry entry, long data) throws IOException {
        if (entry.method() == ZipEntry.STORED) {
            return new Place(in.source(), false, data, entry.bytes());
        }
        long at = spool.reserve(entry.bytes());
        Path path = file;
        spool.later((checkpoint, into) -> EntryBytes.inflate(path, checkpoint, entry, data, into, at));
        return new Place(new FileSource(spool.file()), true, at, entry.bytes());
    }

    private void add(String entry, NpyHeader header, Place place) throws IOException {
        boolean array = header != null && header.dtype() != null;
        String name = array ? name(entry) : entry;
        while (members.containsKey(name)) {
            name += "'";
        }
        TensorInfo tensor = array
                ? array(name, header, place)
                : new TensorInfo(name, DType.U8, List.of(place.bytes()), place.source(), place.offset(), place.bytes());
        members.put(name, new Member(entry, array ? header : null, tensor));
    }

    private TensorInfo array(String name, NpyHeader header, Place place) throws IOException {
        DType dtype = header.dtype();
        long bytes;
        try {
            bytes = header.valueBytes();
        } catch (ArithmeticException e) {
            throw NpyHeader.damaged(
                    file, name, "has the shape " + header.shape() + " of " + dtype + ", which no file can hold");
        }
        long held = place.bytes() - header.bytes();
        if (bytes < held) {
            notes.add(Printable.name(name) + " is followed by " + (held - bytes) + " bytes, which NumPy passes over");
        }
        if (bytes > held) {
            throw NpyHeader.damaged(
                    file,
                    name,
                    "has " + held + " bytes of values, but " + dtype + " " + header.shape() + " takes " + bytes);
        }
        long first = place.offset() + header.bytes();
        boolean swaps = header.bigEndian() && dtype.bits() > 8;
        if (bytes == 0 || !swaps && isRowMajor(header)) {
            return new TensorInfo(name, dtype, header.shape(), place.source(), first, bytes);
        }
        long at = spool.reserve(bytes);
        boolean pairs = dtype.isComplex();
        long[] sizes = sizes(header.shape(), pairs);
        long[] steps = steps(header, pairs);
        int width = dtype.bits() / (pairs ? 16 : 8);
        boolean again = place.spooled();
        spool.later((checkpoint, into) ->
                Gather.copy(again ? into : checkpoint, first, sizes, steps, width, swaps, into, at));
        return new TensorInfo(name, dtype, header.shape(), new FileSource(spool.file()), at, bytes);
    }

    private static boolean isRowMajor(NpyHeader header) {
        return !header.fortran()
                || header.shape().stream().filter(size -> size != 1).count() <= 1;
    }

    /** The sizes; complex numbers are pairs of numbers, each with its own byte order. */
    private static long[] sizes(List<Long> shape, boolean pairs) {
        List<Long> sizes = new ArrayList<>(shape);
        if (pairs) {
            sizes.add(2L);
        }
        return sizes.stream().mapToLong(size -> size).toArray();
    }

    /** The steps of each index in the file, in elements or numbers. */
    private static long[] steps(NpyHeader header, boolean pairs) {
        int dimensions = header.shape().size();
        long[] steps = new long[dimensions + (pairs ? 1 : 0)];
        long step = pairs ? 2 : 1;
        for (int k = 0; k < dimensions; k++) {
            int d = header.fortran() ? k : dimensions - 1 - k;
            steps[d] = step;
            step *= header.shape().get(d);
        }
        if (pairs) {
            steps[dimensions] = 1;
        }
        return steps;
    }
}
