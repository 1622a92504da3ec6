package dev.stockpot.checkpoint.numpy;

import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.file.FileLayout.Placement;
import dev.stockpot.checkpoint.file.FlatTemplate;
import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.checkpoint.numpy.NumpyArchive.Member;
import dev.stockpot.checkpoint.spool.Spool;
import dev.stockpot.checkpoint.zip.CrcShift;
import dev.stockpot.checkpoint.zip.MetadataRecord;
import dev.stockpot.checkpoint.zip.StoredArchive;
import dev.stockpot.checkpoint.zip.StoredEntry;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * A {@code .npz} archive or {@code .npy} file that outputs are written like: the same members in the same order, stored, each
 * with its values at a multiple of 64 bytes of the file. What is no weight stays as it is. How an output was made is in the
 * archive's comment; one array alone has no place for it.
 */
public final class NumpyTemplate extends FlatTemplate {
    private final NumpyArchive archive;
    private final List<String> notes;

    private NumpyTemplate(
            Path file,
            NumpyArchive archive,
            Contents contents,
            Set<String> weights,
            List<String> notes,
            Naming naming) {
        super(file, contents, weights, naming);
        this.archive = archive;
        this.notes = notes;
    }

    /**
     * Reads the headers of {@code file}.
     *
     * @throws CheckpointException if it is damaged, or has no arrays below the naming's keys
     */
    public static NumpyTemplate open(Path file, Naming naming) {
        try (RandomFile in = RandomFile.open(file);
                Spool spool = new Spool(in)) {
            NumpyArchive archive = NumpyArchive.read(file, in, spool);
            ArrayGroups groups = ArrayGroups.of(file, NumpyReader.arrays(file, archive), naming.keys());
            LinkedHashMap<String, TensorInfo> all = new LinkedHashMap<>();
            archive.members().forEach((name, member) -> all.put(name, member.tensor()));
            List<String> kept = groups.choices().stream()
                    .filter(choice -> !choice.chosen())
                    .map(Contents.Choice::key)
                    .toList();
            List<String> notes = kept.isEmpty()
                    ? List.of()
                    : List.of("the output keeps, as they are there: " + String.join(", ", kept));
            Contents contents = new Contents(
                    NumpyReader.FORMAT,
                    Map.of(file, in.size()),
                    archive.metadata(),
                    TensorMap.of(all),
                    List.of(),
                    List.of(),
                    List.of(),
                    spool.keep());
            return new NumpyTemplate(file, archive, contents, groups.names(), notes, naming);
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        } catch (OutOfMemoryError e) {
            throw NumpyReader.tooLarge(file, e);
        }
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    @Override
    public CheckpointLayout layout(
            Path out, List<TensorSpec> tensors, Map<String, String> tied, Map<String, String> metadata) {
        Map<String, TensorSpec> placed = placed(tensors);
        String name = out.getFileName().toString();
        if (archive.isZip() == name.endsWith(".npy")) {
            throw new CheckpointException(
                    Reason.NOT_ALIKE_FORMAT,
                    file(),
                    archive.isZip()
                            ? "is an archive of arrays, so one array cannot be like it"
                            : "is one array, so an archive cannot be like it");
        }
        FileLayout layout = archive.isZip() ? zip(out, placed, ofOutput(metadata)) : array(out, placed);
        return new CheckpointLayout(NumpyReader.FORMAT, List.of(layout), Map.of());
    }

    /** The header of an array of that type and shape; none for what is no array. */
    private byte[] header(Path out, Member member, TensorSpec tensor) {
        if (!member.isArray()) {
            return new byte[0];
        }
        String descr = NpyTypes.descr(tensor.dtype(), member.header().descr());
        if (descr == null) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    out,
                    "cannot hold " + Printable.name(tensor.name()) + ": NumPy has no type for " + tensor.dtype(),
                    Details.of().tensor(tensor.name()));
        }
        return NpyHeader.of(descr, tensor.shape());
    }

    private FileLayout array(Path out, Map<String, TensorSpec> placed) {
        String own = placed.keySet().iterator().next();
        TensorSpec tensor = placed.get(own);
        byte[] header = header(out, archive.members().get(own), tensor);
        Placement place = new Placement(tensor.name(), tensor.dtype(), tensor.shape(), header.length, tensor.bytes());
        return new FileLayout(out.getFileName().toString(), header, List.of(place), place.end(), null);
    }

    private FileLayout zip(Path out, Map<String, TensorSpec> placed, Map<String, String> metadata) {
        StoredArchive zip = new StoredArchive(MetadataRecord.comment(metadata));
        List<Placement> placements = new ArrayList<>();
        List<byte[]> headers = new ArrayList<>();
        List<FileLayout.Piece> pieces = new ArrayList<>();
        placed.forEach((own, tensor) -> {
            Member member = archive.members().get(own);
            byte[] header = header(out, member, tensor);
            StoredEntry entry = zip.add(member.entry(), Math.addExact(header.length, tensor.bytes()));
            if (header.length > 0) {
                pieces.add(new FileLayout.Given(entry.data(), header));
            }
            placements.add(new Placement(
                    tensor.name(), tensor.dtype(), tensor.shape(), entry.data() + header.length, tensor.bytes()));
            headers.add(header);
        });
        return new FileLayout(
                out.getFileName().toString(),
                new byte[0],
                placements,
                zip.bytes(),
                pieces,
                (values, sink) -> seal(zip, headers, placements, values, sink));
    }

    /** Writes the local headers and the directory, with the checksums of all members. */
    private static void seal(
            StoredArchive zip, List<byte[]> headers, List<Placement> placements, int[] values, FileLayout.Sink sink)
            throws IOException {
        int[] sums = new int[values.length];
        for (int k = 0; k < sums.length; k++) {
            CRC32 header = new CRC32();
            header.update(headers.get(k));
            sums[k] = CrcShift.over((int) header.getValue(), placements.get(k).bytes()) ^ values[k];
            StoredEntry entry = zip.entry(k);
            sink.write(entry.header(), ByteBuffer.wrap(entry.localHeader(sums[k])));
        }
        sink.write(zip.end(), zip.directory(sums));
    }
}
