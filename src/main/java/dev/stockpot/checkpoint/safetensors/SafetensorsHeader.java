package dev.stockpot.checkpoint.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.stockpot.checkpoint.DType;
import dev.stockpot.checkpoint.TensorInfo;
import dev.stockpot.error.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of one safetensors file, validated as the format's reference implementation does
 * (huggingface/safetensors, "Format"), so that nothing after it checks again: 8 bytes of length, little-endian; a JSON
 * object of tensors; then their values, in offset order, without gaps, to the end of the file.
 *
 * @param metadata the free text under {@code __metadata__}; empty where there is none
 * @param tensors by name, in offset order
 * @param fileBytes length of the whole file
 */
record SafetensorsHeader(Map<String, String> metadata, Map<String, TensorInfo> tensors, long fileBytes) {
    /** The reference implementation's limit on a header, in bytes. */
    static final int MAX_HEADER_BYTES = 100_000_000;

    private static final int LENGTH_BYTES = 8;

    /** Strings as long as the header itself may be; numbers and nesting no longer than the format has use for. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(MAX_HEADER_BYTES)
                    .maxNameLength(MAX_HEADER_BYTES)
                    .maxNumberLength(20)
                    .maxNestingDepth(64)
                    .build())
            .build();

    /** A header with its bytes. */
    record Known(byte[] bytes, SafetensorsHeader header) {}

    /**
     * Reads and validates the header of {@code file}.
     *
     * @param before another file's, which is this one's too where the bytes and the files' lengths are the same: so it is
     *     with fine-tunes of one model; or null
     * @throws CheckpointException where the file is not safetensors, damaged or truncated
     */
    static Known read(Path file, Known before) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < LENGTH_BYTES) {
                throw new CheckpointException(file, "is " + size + " bytes long, too short for a safetensors header");
            }
            long length = read(channel, 0, LENGTH_BYTES).getLong();
            if (length < 0 || length > MAX_HEADER_BYTES) {
                throw new CheckpointException(
                        file,
                        "claims a header of " + Long.toUnsignedString(length) + " bytes, more than the format's "
                                + MAX_HEADER_BYTES);
            }
            if (length > size - LENGTH_BYTES) {
                throw new CheckpointException(
                        file,
                        "claims a header of " + length + " bytes but only " + (size - LENGTH_BYTES)
                                + " follow: it is truncated or not safetensors");
            }
            byte[] header = read(channel, LENGTH_BYTES, (int) length).array();
            boolean same = before != null && before.header.fileBytes == size && Arrays.equals(before.bytes, header);
            return new Known(header, same ? before.header.in(file) : new Parser(file, header, size).parse());
        } catch (IOException e) {
            throw new CheckpointException(file, "cannot be read: " + e, null, e);
        } catch (OutOfMemoryError e) {
            // A header may be 100 MB of the file's choosing; what it takes is let go of by now.
            throw new CheckpointException(
                    file, "has a header too large for the Java heap", "give the JVM more, such as -Xmx1g", e);
        }
    }

    /** The same header in another file. */
    private SafetensorsHeader in(Path file) {
        Map<String, TensorInfo> moved = new LinkedHashMap<>(tensors.size() * 4 / 3 + 1);
        tensors.forEach(
                (name, t) -> moved.put(name, new TensorInfo(name, t.dtype(), t.shape(), file, t.offset(), t.bytes())));
        return new SafetensorsHeader(metadata, moved, fileBytes);
    }

    private static ByteBuffer read(FileChannel channel, long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, offset + bytes.position()) < 0) {
                throw new IOException("it ends within its header");
            }
        }
        return bytes.flip();
    }

    /** Whether {@code start}, a file's first bytes, can begin a safetensors file of {@code size} bytes. */
    static boolean looksLike(ByteBuffer start, long size) {
        if (start.remaining() < LENGTH_BYTES + 1) {
            return false;
        }
        long length = start.order(ByteOrder.LITTLE_ENDIAN).getLong(start.position());
        byte first = start.get(start.position() + LENGTH_BYTES);
        return first == '{' && length >= 2;
    }

    /** One pass over the JSON. */
    private static final class Parser {
        private final Path file;
        private final byte[] header;
        private final long dataStart;
        private final long dataBytes;
        private final Map<String, String> metadata = new LinkedHashMap<>();
        private final List<TensorInfo> tensors = new ArrayList<>();

        Parser(Path file, byte[] header, long fileBytes) {
            this.file = file;
            this.header = header;
            this.dataStart = LENGTH_BYTES + header.length;
            this.dataBytes = fileBytes - dataStart;
        }

        SafetensorsHeader parse() throws IOException {
            checkUtf8();
            if (header.length == 0 || header[0] != '{') {
                throw wrong("does not begin with a JSON object");
            }
            try (JsonParser json = JSON.createParser(header)) {
                json.nextToken();
                while (json.nextToken() != JsonToken.END_OBJECT) {
                    String name = json.currentName();
                    json.nextToken();
                    if (name.equals("__metadata__")) {
                        metadata(json);
                    } else {
                        tensors.add(tensor(json, name));
                    }
                }
                if (json.nextToken() != null) {
                    throw wrong("goes on after its JSON object");
                }
            } catch (JsonParseException | com.fasterxml.jackson.core.exc.StreamConstraintsException e) {
                throw new CheckpointException(file, "its header is not valid JSON: " + e.getOriginalMessage(), null, e);
            }
            return new SafetensorsHeader(metadata, inOrder(), dataStart + dataBytes);
        }

        private void checkUtf8() {
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(header));
            } catch (CharacterCodingException e) {
                throw new CheckpointException(file, "its header is not valid UTF-8", null, e);
            }
        }

        private CheckpointException wrong(String what) {
            return new CheckpointException(file, "its header " + what);
        }

        private CheckpointException wrong(String tensor, String what) {
            return new CheckpointException(file, "tensor " + tensor + " " + what);
        }

        private void metadata(JsonParser json) throws IOException {
            if (json.currentToken() == JsonToken.VALUE_NULL) {
                return;
            }
            if (json.currentToken() != JsonToken.START_OBJECT) {
                throw wrong("has a __metadata__ that is not an object");
            }
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String key = json.currentName();
                if (json.nextToken() != JsonToken.VALUE_STRING) {
                    throw wrong("has a __metadata__ entry that is not text: " + key);
                }
                metadata.put(key, json.getText());
            }
        }

        private TensorInfo tensor(JsonParser json, String name) throws IOException {
            if (json.currentToken() != JsonToken.START_OBJECT) {
                throw wrong(name, "is not described by an object");
            }
            DType dtype = null;
            List<Long> shape = null;
            List<Long> offsets = null;
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String field = json.currentName();
                json.nextToken();
                switch (field) {
                    case "dtype" -> dtype = dtype(json, name);
                    case "shape" -> shape = sizes(json, name, field);
                    case "data_offsets" -> offsets = sizes(json, name, field);
                    // The reference implementation passes over fields that it does not know.
                    default -> json.skipChildren();
                }
            }
            if (dtype == null || shape == null || offsets == null) {
                throw wrong(name, "lacks its " + (dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets"));
            }
            return checked(name, dtype, shape, offsets);
        }

        private DType dtype(JsonParser json, String name) throws IOException {
            String text = json.getText();
            for (DType dtype : DType.values()) {
                if (json.currentToken() == JsonToken.VALUE_STRING
                        && dtype.name().equals(text)) {
                    return dtype;
                }
            }
            throw wrong(name, "has the unknown dtype " + text);
        }

        private List<Long> sizes(JsonParser json, String name, String field) throws IOException {
            if (json.currentToken() != JsonToken.START_ARRAY) {
                throw wrong(name, "has a " + field + " that is not an array");
            }
            List<Long> sizes = new ArrayList<>(4);
            while (json.nextToken() != JsonToken.END_ARRAY) {
                boolean whole = json.currentToken() == JsonToken.VALUE_NUMBER_INT
                        && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
                if (!whole || json.getLongValue() < 0) {
                    throw wrong(name, "has a " + field + " with " + json.getText() + " in it, which is not a size");
                }
                sizes.add(json.getLongValue());
            }
            return sizes;
        }

        private TensorInfo checked(String name, DType dtype, List<Long> shape, List<Long> offsets) {
            if (offsets.size() != 2 || offsets.get(1) < offsets.get(0)) {
                throw wrong(name, "has data_offsets " + offsets + ", which are not a start and an end");
            }
            long bytes = offsets.get(1) - offsets.get(0);
            if (offsets.get(1) > dataBytes) {
                throw wrong(
                        name,
                        "ends at byte " + offsets.get(1) + " of the values but only " + dataBytes
                                + " are there: the file is truncated");
            }
            long needed;
            try {
                long elements = 1;
                for (long size : shape) {
                    elements = Math.multiplyExact(elements, size);
                }
                needed = dtype.bytes(elements);
            } catch (ArithmeticException e) {
                throw wrong(name, "has the shape " + shape + " of " + dtype + ", which no file can hold");
            }
            if (needed != bytes) {
                throw wrong(
                        name,
                        "takes " + needed + " bytes as " + dtype + " " + shape + " but its offsets span " + bytes);
            }
            return new TensorInfo(name, dtype, shape, file, dataStart + offsets.get(0), bytes);
        }

        /** Tensors in offset order, which must cover the values exactly. */
        private Map<String, TensorInfo> inOrder() {
            tensors.sort(Comparator.comparingLong(TensorInfo::offset).thenComparingLong(TensorInfo::bytes));
            Map<String, TensorInfo> ordered = new LinkedHashMap<>(tensors.size() * 4 / 3 + 1);
            long at = dataStart;
            for (TensorInfo tensor : tensors) {
                if (tensor.offset() != at) {
                    String how = tensor.offset() < at ? "overlaps the tensor before it" : "leaves a hole before it";
                    throw wrong(tensor.name(), how + ": it starts at " + tensor.offset() + ", not at " + at);
                }
                at += tensor.bytes();
                ordered.put(tensor.name(), tensor);
            }
            long end = dataStart + dataBytes;
            if (at != end) {
                throw new CheckpointException(
                        file, "has " + (end - at) + " bytes after its last tensor that belong to none");
            }
            return ordered;
        }
    }
}
