package dev.stockpot.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.JsonValues;
import dev.stockpot.text.Printable;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The index of a sharded checkpoint ({@code model.safetensors.index.json} or {@code pytorch_model.bin.index.json}, as the
 * transformers library writes them): which shard holds which tensor. Shards may only be in the index's own folder.
 */
final class ShardIndex {
    /** An index lists what headers list, so the limit of a safetensors header applies, in bytes. */
    private static final long MAX_INDEX_BYTES = 100_000_000;

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private ShardIndex() {}

    /**
     * Reads all shards of an index.
     *
     * @param read reads a shard
     * @throws CheckpointException if a shard is missing or not valid, or the index and the shards do not agree
     */
    static Contents read(Path index, Function<Path, Contents> read) {
        List<Closeable> copied = new ArrayList<>();
        try {
            return read(index, read, copied);
        } catch (RuntimeException | Error e) {
            Contents.discard(copied, e);
            throw e;
        }
    }

    private static Contents read(Path index, Function<Path, Contents> read, List<Closeable> copied) {
        Map<String, String> shardOf = weightMap(index);
        String format = null;
        Map<Path, Long> files = new LinkedHashMap<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        LinkedHashMap<String, TensorInfo> tensors = new LinkedHashMap<>();
        List<String> notes = new ArrayList<>();
        for (String name : new TreeSet<>(shardOf.values())) {
            Path file = shardFile(index, name);
            Contents shard = read.apply(file);
            shard.copied().ifPresent(copied::add);
            if (format != null && !format.equals(shard.format())) {
                throw new CheckpointException(
                        Reason.DAMAGED, file, "is " + shard.format() + " but other shards are " + format);
            }
            format = shard.format();
            files.putAll(shard.files());
            shard.metadata().forEach(metadata::putIfAbsent);
            for (String note : shard.notes()) {
                notes.add(name + ": " + note);
            }
            for (TensorInfo tensor : shard.tensors().values()) {
                if (!name.equals(shardOf.get(tensor.name()))) {
                    String where = shardOf.containsKey(tensor.name())
                            ? "which the index puts in " + shardOf.get(tensor.name())
                            : "which the index does not list";
                    throw new CheckpointException(
                            Reason.DAMAGED,
                            file,
                            "holds the tensor " + Printable.name(tensor.name()) + ", " + where,
                            Details.of()
                                    .tensor(tensor.name())
                                    .hint("if the shard is right, correct the index: in the weight_map of "
                                            + index.getFileName() + ", put the tensor in " + name));
                }
                tensors.put(tensor.name(), tensor);
            }
        }
        for (Map.Entry<String, String> entry : shardOf.entrySet()) {
            if (!tensors.containsKey(entry.getKey())) {
                throw new CheckpointException(
                        Reason.DAMAGED,
                        index,
                        "puts the tensor " + Printable.name(entry.getKey()) + " in " + Printable.name(entry.getValue())
                                + ", which lacks it",
                        Details.of()
                                .tensor(entry.getKey())
                                .hint("if the model has no such tensor, take it out of the weight_map of "
                                        + index.getFileName()));
            }
        }
        if (format == null) {
            throw new CheckpointException(Reason.DAMAGED, index, "lists no tensors");
        }
        return new Contents(
                format,
                files,
                metadata,
                TensorMap.of(tensors),
                List.of(),
                List.of(),
                List.copyOf(notes),
                Contents.closingAll(copied));
    }

    private static Path shardFile(Path index, String shard) {
        boolean plain = !shard.isEmpty()
                && !shard.contains("/")
                && !shard.contains("\\")
                && !shard.contains("\0")
                && !shard.equals(".")
                && !shard.equals("..");
        if (!plain) {
            throw new CheckpointException(
                    Reason.DAMAGED,
                    index,
                    "names the shard '" + shard + "', which is not the name of a file in its own folder");
        }
        Path file;
        try {
            file = index.resolveSibling(shard);
        } catch (InvalidPathException e) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    index,
                    "names the shard '" + shard + "', which this system's locale cannot express",
                    Details.of().hint("choose a locale with UTF-8").cause(e));
        }
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(
                    Reason.NOT_FOUND, index, "the shard " + shard + " is missing from its folder");
        }
        return file;
    }

    private static Map<String, String> weightMap(Path index) {
        try {
            if (Files.size(index) > MAX_INDEX_BYTES) {
                throw new CheckpointException(
                        Reason.DAMAGED, index, "is larger than " + MAX_INDEX_BYTES + " bytes, the limit for an index");
            }
            // Of bytes, the parser would guess the encoding.
            try (JsonParser json = JSON.createParser(Files.newBufferedReader(index, StandardCharsets.UTF_8))) {
                return weightMap(index, json);
            }
        } catch (CharacterCodingException e) {
            throw new CheckpointException(
                    Reason.DAMAGED, index, "is not UTF-8", Details.of().cause(e));
        } catch (OutOfMemoryError e) {
            throw new CheckpointException(
                    Reason.NO_MEMORY,
                    index,
                    "lists too many tensors for the Java heap",
                    Details.of().hint("give the JVM more, such as -Xmx1g").cause(e));
        } catch (JsonProcessingException e) {
            throw new CheckpointException(
                    Reason.DAMAGED,
                    index,
                    "is not valid JSON: " + JsonValues.fault(e),
                    Details.of().cause(e));
        } catch (IOException e) {
            throw CheckpointException.unreadable(index, e);
        }
    }

    private static Map<String, String> weightMap(Path index, JsonParser json) throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw new CheckpointException(Reason.DAMAGED, index, "is not a JSON object");
        }
        Map<String, String> shardOf = null;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String field = json.currentName();
            JsonToken value = json.nextToken();
            if (!field.equals("weight_map")) {
                json.skipChildren();
                continue;
            }
            if (value != JsonToken.START_OBJECT) {
                throw new CheckpointException(Reason.DAMAGED, index, "has a weight_map that is not an object");
            }
            shardOf = new LinkedHashMap<>();
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String tensor = json.currentName();
                if (json.nextToken() != JsonToken.VALUE_STRING) {
                    throw new CheckpointException(
                            Reason.DAMAGED,
                            index,
                            "has a weight_map entry that is not a name: " + Printable.name(tensor),
                            Details.of().tensor(tensor));
                }
                shardOf.put(tensor, json.getText());
            }
        }
        if (shardOf == null) {
            throw new CheckpointException(Reason.DAMAGED, index, "has no weight_map: it is not a checkpoint's index");
        }
        return shardOf;
    }
}
