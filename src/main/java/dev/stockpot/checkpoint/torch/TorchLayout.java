package dev.stockpot.checkpoint.torch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.checkpoint.CheckpointLayout;
import dev.stockpot.checkpoint.FileLayout;
import dev.stockpot.checkpoint.TensorSpec;
import dev.stockpot.error.CheckpointException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Lays a PyTorch file out as {@code torch.save} does ({@code torch/serialization.py}, {@code _save}): a zip archive of stored
 * records below one prefix, {@code data.pkl} first, then {@code byteorder}, each tensor's values at a multiple of 64 bytes,
 * and {@code version}. {@code torch.load} reads it with {@code weights_only=True} and with {@code mmap=True}.
 *
 * <p>A state dict has no room for metadata: a key more would fail a strict load. It goes into a record of its own, which
 * PyTorch passes over.
 */
public final class TorchLayout {
    /** The record that holds the metadata, a JSON object of texts, below the prefix. */
    static final String METADATA_RECORD = ".stockpot/metadata.json";

    /** What PyTorch itself calls an archive that has no file name: the output's name must not change its bytes. */
    private static final String PREFIX = "archive/";

    private static final JsonFactory JSON = new JsonFactory();

    private final StoredArchive archive = new StoredArchive();
    private final List<Integer> crc32 = new ArrayList<>();
    private final ByteArrayOutputStream header = new ByteArrayOutputStream();
    private final List<StoredEntry> values = new ArrayList<>();

    private TorchLayout() {}

    /**
     * One file, its tensors in the order given.
     *
     * @param file to be written, for its name and for errors
     * @param metadata kept in the map's order
     * @throws CheckpointException where PyTorch has no name for a tensor's type, or a tensor's name is no text
     */
    public static CheckpointLayout file(Path file, List<TensorSpec> tensors, Map<String, String> metadata) {
        TorchLayout layout = new TorchLayout();
        layout.small("data.pkl", StateDictPickle.of(file, tensors));
        layout.small("byteorder", "little".getBytes(StandardCharsets.US_ASCII));
        if (!metadata.isEmpty()) {
            layout.small(METADATA_RECORD, json(metadata));
        }
        List<FileLayout.Placement> placements = new ArrayList<>(tensors.size());
        for (TensorSpec tensor : tensors) {
            StoredEntry entry = layout.archive.add(PREFIX + "data/" + placements.size(), tensor.bytes());
            layout.values.add(entry);
            placements.add(new FileLayout.Placement(
                    tensor.name(), tensor.dtype(), tensor.shape(), entry.data(), entry.size()));
        }
        byte[] version = "3\n".getBytes(StandardCharsets.US_ASCII);
        StoredEntry last = layout.archive.add(PREFIX + "version", version.length);
        FileLayout.Seal seal = sums -> layout.patches(sums, last, version);
        String name = file.getFileName().toString();
        FileLayout laidOut = new FileLayout(
                name, layout.header.toByteArray(), List.copyOf(placements), layout.archive.bytes(), seal);
        return new CheckpointLayout("torch", List.of(laidOut), Map.of());
    }

    /** A record whose bytes are known from the start: it goes into the file's header. */
    private void small(String name, byte[] bytes) {
        StoredEntry entry = archive.add(PREFIX + name, bytes.length);
        int sum = sum(bytes);
        crc32.add(sum);
        header.writeBytes(entry.localHeader(sum));
        header.writeBytes(bytes);
    }

    /** The tensors' headers, the last record and the directory, once the checksums are known. */
    private List<FileLayout.Patch> patches(int[] valueSums, StoredEntry last, byte[] lastBytes) {
        List<FileLayout.Patch> patches = new ArrayList<>(values.size() + 1);
        int[] sums = new int[crc32.size() + valueSums.length + 1];
        int k = 0;
        for (int sum : crc32) {
            sums[k++] = sum;
        }
        for (int t = 0; t < valueSums.length; t++) {
            StoredEntry entry = values.get(t);
            patches.add(new FileLayout.Patch(entry.header(), entry.localHeader(valueSums[t])));
            sums[k++] = valueSums[t];
        }
        sums[k] = sum(lastBytes);
        ByteArrayOutputStream end = new ByteArrayOutputStream();
        end.writeBytes(last.localHeader(sums[k]));
        end.writeBytes(lastBytes);
        end.writeBytes(archive.directory(sums));
        patches.add(new FileLayout.Patch(last.header(), end.toByteArray()));
        return patches;
    }

    private static int sum(byte[] bytes) {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        return (int) sum.getValue();
    }

    private static byte[] json(Map<String, String> metadata) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            for (Map.Entry<String, String> entry : metadata.entrySet()) {
                json.writeStringField(entry.getKey(), entry.getValue());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
