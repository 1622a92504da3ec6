package dev.stockpot.checkpoint.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import dev.stockpot.text.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Lays safetensors files out as the reference implementation writes them: tensors by descending dtype (so that each
 * is aligned), then by name; a compact header, padded with spaces so that the values begin at a multiple of 8 bytes.
 */
public final class SafetensorsLayout {
    private static final JsonFactory JSON = new JsonFactory();
    /** The values begin at a multiple of this many bytes. */
    private static final int ALIGNMENT = 8;

    private static final int TYPICAL_ENTRY_BYTES = 128;
    private static final Comparator<TensorSpec> WRITING_ORDER = (a, b) -> {
        int wider = b.dtype().compareTo(a.dtype());
        return wider != 0 ? wider : byCodePoints(a.name(), b.name());
    };

    private SafetensorsLayout() {}

    /**
     * One file.
     *
     * @param metadata kept under {@code __metadata__}, in the map's order
     * @throws SoupException if the header would exceed the format's limit
     */
    public static CheckpointLayout file(String fileName, List<TensorSpec> tensors, Map<String, String> metadata) {
        return new CheckpointLayout(Safetensors.FORMAT, List.of(layout(fileName, tensors, metadata)), Map.of());
    }

    /**
     * The files of a model directory: one if all fits, else shards and an index. Shards are filled in the order given; no
     * tensor is split.
     *
     * @param named what they are called
     * @param maxShardBytes the most that the tensors of a shard take together; a larger tensor has a shard of its own
     */
    public static CheckpointLayout sharded(
            WeightsName named, List<TensorSpec> tensors, Map<String, String> metadata, long maxShardBytes) {
        List<List<TensorSpec>> shards = new ArrayList<>();
        long room = 0;
        for (TensorSpec tensor : tensors) {
            if (shards.isEmpty() || tensor.bytes() > room) {
                shards.add(new ArrayList<>());
                room = maxShardBytes;
            }
            shards.get(shards.size() - 1).add(tensor);
            room -= tensor.bytes();
        }
        if (shards.size() <= 1) {
            return file(named.file(), tensors, metadata);
        }
        List<FileLayout> files = new ArrayList<>();
        Map<String, String> shardOf = new TreeMap<>();
        long total = 0;
        for (int k = 0; k < shards.size(); k++) {
            String name = named.shard(k + 1, shards.size());
            files.add(layout(name, shards.get(k), metadata));
            for (TensorSpec tensor : shards.get(k)) {
                shardOf.put(tensor.name(), name);
                total += tensor.bytes();
            }
        }
        return new CheckpointLayout(Safetensors.FORMAT, files, Map.of(named.index(), index(shardOf, total)));
    }

    private static FileLayout layout(String fileName, List<TensorSpec> tensors, Map<String, String> metadata) {
        return layout(fileName, tensors.stream().sorted(WRITING_ORDER).toList(), metadata, ALIGNMENT, name -> name);
    }

    /**
     * One file with its tensors in the order given.
     *
     * @param alignment the values begin at a multiple of it
     * @param written the name that the file has for a tensor
     */
    static FileLayout layout(
            String fileName,
            List<TensorSpec> ordered,
            Map<String, String> metadata,
            int alignment,
            UnaryOperator<String> written) {
        for (TensorSpec tensor : ordered) {
            if (tensor.dtype() == DType.C128) {
                throw new SoupException(
                        Reason.UNSUPPORTED,
                        "tensor " + Printable.name(tensor.name()) + " in " + fileName
                                + ": safetensors has no type for its complex numbers of 128 bits (complex128)",
                        Details.of().tensor(tensor.name()).hint("name the output something.pt"));
            }
        }
        long[] offsets = offsets(ordered);
        byte[] header = header(ordered, offsets, metadata, alignment, written);
        int json = header.length - SafetensorsHeader.LENGTH_BYTES;
        if (json > SafetensorsHeader.MAX_HEADER_BYTES) {
            throw new SoupException(
                    Reason.UNSUPPORTED,
                    fileName + ": its header would take " + json + " bytes, more than the format's "
                            + SafetensorsHeader.MAX_HEADER_BYTES,
                    Details.of().hint("write a model directory of smaller shards"));
        }
        List<FileLayout.Placement> placements = new ArrayList<>(ordered.size());
        for (int k = 0; k < ordered.size(); k++) {
            TensorSpec tensor = ordered.get(k);
            long bytes = offsets[k + 1] - offsets[k];
            placements.add(new FileLayout.Placement(
                    tensor.name(), tensor.dtype(), tensor.shape(), header.length + offsets[k], bytes));
        }
        long size = Math.addExact(header.length, offsets[ordered.size()]);
        return new FileLayout(fileName, header, placements, size, null);
    }

    /** Where each tensor begins among the values, and where the last one ends. */
    private static long[] offsets(List<TensorSpec> ordered) {
        long[] offsets = new long[ordered.size() + 1];
        for (int k = 0; k < ordered.size(); k++) {
            offsets[k + 1] = Math.addExact(offsets[k], ordered.get(k).bytes());
        }
        return offsets;
    }

    /** Orders names by their bytes in UTF-8, which is the order of their code points. */
    private static int byCodePoints(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                // A surrogate stands for a code point beyond all that take one char.
                int beyond = Boolean.compare(Character.isSurrogate(x), Character.isSurrogate(y));
                return beyond != 0 ? beyond : x - y;
            }
        }
        return a.length() - b.length();
    }

    /** The length and the JSON, padded. */
    private static byte[] header(
            List<TensorSpec> ordered,
            long[] offsets,
            Map<String, String> metadata,
            int alignment,
            UnaryOperator<String> written) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(ordered.size() * TYPICAL_ENTRY_BYTES);
        bytes.writeBytes(new byte[SafetensorsHeader.LENGTH_BYTES]);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart("__metadata__");
                for (Map.Entry<String, String> entry : metadata.entrySet()) {
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                json.writeEndObject();
            }
            for (int k = 0; k < ordered.size(); k++) {
                TensorSpec tensor = ordered.get(k);
                json.writeObjectFieldStart(written.apply(tensor.name()));
                json.writeStringField("dtype", tensor.dtype().name());
                json.writeArrayFieldStart("shape");
                for (long size : tensor.shape()) {
                    json.writeNumber(size);
                }
                json.writeEndArray();
                json.writeArrayFieldStart("data_offsets");
                json.writeNumber(offsets[k]);
                json.writeNumber(offsets[k + 1]);
                json.writeEndArray();
                json.writeEndObject();
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        while (bytes.size() % alignment != 0) {
            bytes.write(' ');
        }
        byte[] header = bytes.toByteArray();
        ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length - SafetensorsHeader.LENGTH_BYTES);
        return header;
    }

    /** A colon and a blank, which Jackson has settings for only from 2.16 on. */
    private static final class AsPython extends DefaultPrettyPrinter {
        private static final long serialVersionUID = 1L;

        @Override
        public DefaultPrettyPrinter createInstance() {
            return new AsPython();
        }

        @Override
        public void writeObjectFieldValueSeparator(JsonGenerator json) throws IOException {
            json.writeRaw(": ");
        }
    }

    private static byte[] index(Map<String, String> shardOf, long totalBytes) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DefaultPrettyPrinter pretty = new AsPython();
        pretty.indentObjectsWith(new DefaultIndenter("  ", "\n"));
        try (JsonGenerator json = JSON.createGenerator(bytes).setPrettyPrinter(pretty)) {
            json.writeStartObject();
            json.writeObjectFieldStart("metadata");
            json.writeNumberField("total_size", totalBytes);
            json.writeEndObject();
            json.writeObjectFieldStart("weight_map");
            for (Map.Entry<String, String> entry : shardOf.entrySet()) {
                json.writeStringField(entry.getKey(), entry.getValue());
            }
            json.writeEndObject();
            json.writeEndObject();
            json.writeRaw('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
