package dev.stockpot.checkpoint.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import dev.stockpot.checkpoint.CheckpointLayout;
import dev.stockpot.checkpoint.FileLayout;
import dev.stockpot.checkpoint.TensorSpec;
import dev.stockpot.error.SoupException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Lays safetensors files out as the reference implementation writes them: tensors by descending dtype (so that every one
 * is aligned), then by name; a compact header, padded with spaces so that the values begin at a multiple of 8 bytes.
 */
public final class SafetensorsLayout {
    private static final JsonFactory JSON = new JsonFactory();
    private static final Comparator<TensorSpec> WRITING_ORDER = Comparator.comparing(TensorSpec::dtype)
            .reversed()
            .thenComparing(t -> t.name().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

    private SafetensorsLayout() {}

    /**
     * One file.
     *
     * @param metadata kept under {@code __metadata__}, in the map's order
     * @throws SoupException where the header would exceed the format's limit
     */
    public static CheckpointLayout file(String fileName, List<TensorSpec> tensors, Map<String, String> metadata) {
        return new CheckpointLayout(Safetensors.FORMAT, List.of(layout(fileName, tensors, metadata)), Map.of());
    }

    /**
     * The files of a model directory, named as the transformers library names them: {@code model.safetensors} where all
     * fits, else shards and an index. Shards are filled in the order given; no tensor is split.
     *
     * @param maxShardBytes what the tensors of a shard may take together; a larger tensor has a shard of its own
     */
    public static CheckpointLayout sharded(List<TensorSpec> tensors, Map<String, String> metadata, long maxShardBytes) {
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
            return file("model.safetensors", tensors, metadata);
        }
        List<FileLayout> files = new ArrayList<>();
        Map<String, String> shardOf = new TreeMap<>();
        long total = 0;
        for (int k = 0; k < shards.size(); k++) {
            String name = String.format("model-%05d-of-%05d.safetensors", k + 1, shards.size());
            files.add(layout(name, shards.get(k), metadata));
            for (TensorSpec tensor : shards.get(k)) {
                shardOf.put(tensor.name(), name);
                total += tensor.bytes();
            }
        }
        return new CheckpointLayout(
                Safetensors.FORMAT, files, Map.of("model.safetensors.index.json", index(shardOf, total)));
    }

    private static FileLayout layout(String fileName, List<TensorSpec> tensors, Map<String, String> metadata) {
        List<TensorSpec> ordered = tensors.stream().sorted(WRITING_ORDER).toList();
        byte[] json = json(ordered, metadata);
        int padded = (json.length + 7) / 8 * 8;
        if (padded > SafetensorsHeader.MAX_HEADER_BYTES) {
            throw new SoupException(
                    fileName + ": its header would take " + padded + " bytes, more than the format's "
                            + SafetensorsHeader.MAX_HEADER_BYTES,
                    "write a model directory of smaller shards");
        }
        byte[] header = new byte[8 + padded];
        Arrays.fill(header, (byte) ' ');
        ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putLong(padded).put(json);
        List<FileLayout.Placement> placements = new ArrayList<>(ordered.size());
        long at = header.length;
        for (TensorSpec tensor : ordered) {
            placements.add(new FileLayout.Placement(tensor.name(), tensor.dtype(), tensor.shape(), at, tensor.bytes()));
            at = Math.addExact(at, tensor.bytes());
        }
        return new FileLayout(fileName, header, placements, at, null);
    }

    private static byte[] json(List<TensorSpec> ordered, Map<String, String> metadata) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart("__metadata__");
                for (Map.Entry<String, String> entry : metadata.entrySet()) {
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                json.writeEndObject();
            }
            long at = 0;
            for (TensorSpec tensor : ordered) {
                json.writeObjectFieldStart(tensor.name());
                json.writeStringField("dtype", tensor.dtype().name());
                json.writeArrayFieldStart("shape");
                for (long size : tensor.shape()) {
                    json.writeNumber(size);
                }
                json.writeEndArray();
                json.writeArrayFieldStart("data_offsets");
                json.writeNumber(at);
                at = Math.addExact(at, tensor.bytes());
                json.writeNumber(at);
                json.writeEndArray();
                json.writeEndObject();
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] index(Map<String, String> shardOf, long totalBytes) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DefaultPrettyPrinter pretty = new DefaultPrettyPrinter(
                Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.AFTER));
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
