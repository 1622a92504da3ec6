package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.torch.pickle.Value;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Lays a PyTorch file out as {@code torch.save} does ({@code torch/serialization.py}, {@code _save}): a zip archive of stored
 * records below one prefix, {@code data.pkl} first, then {@code byteorder}, each tensor's values at a multiple of 64 bytes,
 * and {@code version}. {@code torch.load} reads it with {@code weights_only=True} and with {@code mmap=True}.
 * The metadata goes into a record of its own ({@link MetadataRecord}).
 */
public final class TorchLayout {
    /** PyTorch's own name for an archive without a file name: the output's name must not change its bytes. */
    private static final String PREFIX = "archive/";

    /** The version of the file format, which PyTorch has written since 1.6. */
    private static final byte[] VERSION = "3\n".getBytes(StandardCharsets.US_ASCII);

    private TorchLayout() {}

    /**
     * One file, its tensors in the order given.
     *
     * @param file the file to write, for its name and for errors
     * @param metadata kept in the map's order
     * @throws CheckpointException if PyTorch has no name for a tensor's type, or a tensor's name is not valid Unicode
     */
    public static CheckpointLayout file(Path file, List<TensorSpec> tensors, Map<String, String> metadata) {
        return file(file, StateDictPickle.of(file, tensors), tensors, metadata);
    }

    /** A file of any {@code pickle} over storages: number k has the key k and is the whole of one tensor. */
    static CheckpointLayout file(Path file, byte[] pickle, List<TensorSpec> storages, Map<String, String> metadata) {
        for (TensorSpec tensor : storages) {
            if (tensor.shape().size() > Value.Tensor.MOST_DIMENSIONS) {
                throw new CheckpointException(
                        Reason.UNSUPPORTED,
                        file,
                        "cannot hold tensor " + Printable.name(tensor.name()) + " of "
                                + tensor.shape().size() + " dimensions: PyTorch has at most "
                                + Value.Tensor.MOST_DIMENSIONS,
                        Details.of().tensor(tensor.name()));
            }
        }
        Map<String, byte[]> leading = new LinkedHashMap<>();
        leading.put("data.pkl", pickle);
        leading.put("byteorder", "little".getBytes(StandardCharsets.US_ASCII));
        if (!metadata.isEmpty()) {
            leading.put(MetadataRecord.NAME, MetadataRecord.bytes(metadata));
        }
        StoredArchive archive = new StoredArchive();
        leading.forEach((name, bytes) -> archive.add(PREFIX + name, bytes.length));
        int[] sums = leading.values().stream().mapToInt(TorchLayout::sum).toArray();
        byte[] header = header(archive, leading.values(), sums);
        List<FileLayout.Placement> placements = new ArrayList<>(storages.size());
        for (TensorSpec tensor : storages) {
            StoredEntry entry = archive.add(PREFIX + "data/" + placements.size(), tensor.bytes());
            placements.add(new FileLayout.Placement(
                    tensor.name(), tensor.dtype(), tensor.shape(), entry.data(), entry.size()));
        }
        archive.add(PREFIX + "version", VERSION.length);
        String name = file.getFileName().toString();
        FileLayout layout = new FileLayout(name, header, placements, archive.bytes(), new Seal(archive, sums));
        return new CheckpointLayout(TorchCheckpoint.FORMAT, List.of(layout), Map.of());
    }

    /** The records whose bytes are known from the start, each after its own header. */
    private static byte[] header(StoredArchive archive, Collection<byte[]> records, int[] sums) {
        ByteBuffer header = ByteBuffer.allocate(Math.toIntExact(archive.end()));
        int k = 0;
        for (byte[] record : records) {
            header.put(archive.entry(k).localHeader(sums[k])).put(record);
            k++;
        }
        return header.array();
    }

    /** The values' local headers, the last record and the directory. */
    private record Seal(StoredArchive archive, int[] leading) implements FileLayout.Seal {
        @Override
        public void write(int[] values, FileLayout.Sink sink) throws IOException {
            int last = leading.length + values.length;
            int[] sums = Arrays.copyOf(leading, last + 1);
            System.arraycopy(values, 0, sums, leading.length, values.length);
            sums[last] = sum(VERSION);
            for (int k = leading.length; k <= last; k++) {
                StoredEntry entry = archive.entry(k);
                sink.write(entry.header(), ByteBuffer.wrap(entry.localHeader(sums[k])));
            }
            sink.write(archive.entry(last).data(), ByteBuffer.wrap(VERSION));
            sink.write(archive.end(), archive.directory(sums));
        }
    }

    private static int sum(byte[] bytes) {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        return (int) sum.getValue();
    }
}
