package dev.stockpot.checkpoint.numpy;

import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.file.FileLayout.Given;
import dev.stockpot.checkpoint.file.FileLayout.Placement;
import dev.stockpot.checkpoint.file.FlatTemplate;
import dev.stockpot.checkpoint.zip.CrcShift;
import dev.stockpot.checkpoint.zip.MetadataRecord;
import dev.stockpot.checkpoint.zip.StoredArchive;
import dev.stockpot.checkpoint.zip.StoredEntry;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.TensorSpec;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Where values go in an archive of NumPy: stored members in the order in which they are added, each with its values at a
 * multiple of 64 bytes of the file. How an output was made is in the archive's comment.
 */
public final class NumpyLayout {
    static final String ENDING = ".npy";

    private final Path out;
    private final StoredArchive zip;
    private final List<Placement> placements = new ArrayList<>();
    private final List<byte[]> headers = new ArrayList<>();
    private final List<FileLayout.Piece> pieces = new ArrayList<>();

    /** An archive without members, of whose {@code metadata} the texts on outputs are kept. */
    NumpyLayout(Path out, Map<String, String> metadata) {
        this.out = out;
        this.zip = new StoredArchive(MetadataRecord.comment(FlatTemplate.ofOutput(metadata)));
    }

    /**
     * An archive of all tensors under their names or, if {@code out} ends in {@code .npy}, the only one.
     *
     * @throws CheckpointException if NumPy has no type for one, or there are several for one array
     */
    public static CheckpointLayout file(Path out, List<TensorSpec> tensors, Map<String, String> metadata) {
        FileLayout file;
        if (isArray(out)) {
            if (tensors.size() != 1) {
                throw new CheckpointException(
                        Reason.UNSUPPORTED,
                        out,
                        "is one array and cannot hold " + tensors.size() + " tensors",
                        Details.of().hint("a name that ends in .npz is an archive of arrays"));
            }
            file = array(out, tensors.get(0), header(out, tensors.get(0), ""));
        } else {
            NumpyLayout archive = new NumpyLayout(out, metadata);
            tensors.forEach(tensor -> archive.add(tensor.name() + ENDING, tensor, header(out, tensor, "")));
            file = archive.layout();
        }
        return new CheckpointLayout(NumpyReader.FORMAT, List.of(file), Map.of());
    }

    /** Whether an output is one array by its name. */
    static boolean isArray(Path out) {
        return out.toString().endsWith(ENDING);
    }

    /**
     * An array's header.
     *
     * @param like the type of the array in whose place it is, as its header has it; empty if there is none
     */
    static byte[] header(Path out, TensorSpec tensor, String like) {
        String descr = NpyTypes.descr(tensor.dtype(), like);
        if (descr == null) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    out,
                    "cannot hold " + Printable.name(tensor.name()) + ": NumPy has no type for " + tensor.dtype(),
                    Details.of().tensor(tensor.name()));
        }
        return NpyHeader.of(descr, tensor.shape());
    }

    /** One array alone. */
    static FileLayout array(Path out, TensorSpec tensor, byte[] header) {
        Placement place = new Placement(tensor.name(), tensor.dtype(), tensor.shape(), header.length, tensor.bytes());
        return new FileLayout(out.getFileName().toString(), header, List.of(place), place.end(), null);
    }

    /** Adds a member; {@code header} is empty for what is no array. */
    void add(String member, TensorSpec tensor, byte[] header) {
        StoredEntry entry = zip.add(member, Math.addExact(header.length, tensor.bytes()));
        if (header.length > 0) {
            pieces.add(new Given(entry.data(), header));
        }
        placements.add(new Placement(
                tensor.name(), tensor.dtype(), tensor.shape(), entry.data() + header.length, tensor.bytes()));
        headers.add(header);
    }

    /** The whole archive. */
    FileLayout layout() {
        return new FileLayout(out.getFileName().toString(), new byte[0], placements, zip.bytes(), pieces, this::seal);
    }

    /** Writes the local headers and the directory, with the checksums of all members. */
    private void seal(int[] values, FileLayout.Sink sink) throws IOException {
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
