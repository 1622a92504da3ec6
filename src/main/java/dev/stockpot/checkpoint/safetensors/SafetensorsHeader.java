package dev.stockpot.checkpoint.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.stockpot.checkpoint.DType;
import dev.stockpot.checkpoint.TensorInfo;
import dev.stockpot.error.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

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

    /** Of eight bytes, none of which is ASCII's where its bit is set. */
    private static final long HIGH_BITS = 0x8080808080808080L;

    /** What is read of a header at once. */
    private static final int CHUNK_BYTES = 1 << 20;

    /**
     * Strings as long as the header itself may be; numbers and nesting no longer than the format has use for. A table of
     * names would only cost: there are many, and each appears once.
     */
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(MAX_HEADER_BYTES)
                    .maxNameLength(MAX_HEADER_BYTES)
                    .maxNumberLength(20)
                    .maxNestingDepth(64)
                    .build())
            .build();

    private static final Map<String, DType> DTYPES =
            Arrays.stream(DType.values()).collect(Collectors.toMap(DType::name, dtype -> dtype));

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
            long length = ByteBuffer.wrap(read(channel, 0, LENGTH_BYTES))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getLong();
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
            if (before != null
                    && before.header.fileBytes == size
                    && before.bytes.length == length
                    && isAt(channel, LENGTH_BYTES, before.bytes)) {
                return new Known(before.bytes, before.header.in(file));
            }
            byte[] header = read(channel, LENGTH_BYTES, (int) length);
            return new Known(header, new Parser(file, header, size).parse());
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
        return new SafetensorsHeader(metadata, new TensorsElsewhere(tensors, file), fileBytes);
    }

    private static byte[] read(FileChannel channel, long offset, int length) throws IOException {
        byte[] bytes = new byte[length];
        inChunks(channel, offset, length, (at, chunk) -> {
            chunk.get(bytes, at, chunk.remaining());
            return true;
        });
        return bytes;
    }

    /** Whether the file holds {@code bytes} at {@code offset}. */
    private static boolean isAt(FileChannel channel, long offset, byte[] bytes) throws IOException {
        return inChunks(
                channel,
                offset,
                bytes.length,
                (at, chunk) -> chunk.equals(ByteBuffer.wrap(bytes, at, chunk.remaining())));
    }

    /** Takes bytes that were read, {@code at} so far behind the first of them; returns whether it wants more. */
    private interface Chunks {
        boolean take(int at, ByteBuffer chunk);
    }

    private static boolean inChunks(FileChannel channel, long offset, int length, Chunks chunks) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect(Math.min(length, CHUNK_BYTES));
        int at = 0;
        while (at < length) {
            chunk.clear().limit(Math.min(length - at, CHUNK_BYTES));
            int count = channel.read(chunk, offset + at);
            if (count < 0) {
                throw new IOException("it ends within its header");
            }
            if (!chunks.take(at, chunk.flip())) {
                return false;
            }
            at += count;
        }
        return true;
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
        private Map<String, String> metadata;
        private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        private long[] sizes = new long[4];
        private long[] lastSizes;
        private List<Long> lastShape;

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
                    } else if (tensors.put(name, tensor(json, name)) != null) {
                        throw wrong("has the tensor " + name + " twice");
                    }
                }
                if (json.nextToken() != null) {
                    throw wrong("goes on after its JSON object");
                }
            } catch (JsonParseException | com.fasterxml.jackson.core.exc.StreamConstraintsException e) {
                throw new CheckpointException(file, "its header is not valid JSON: " + e.getOriginalMessage(), null, e);
            }
            return new SafetensorsHeader(metadata == null ? Map.of() : metadata, inOrder(), dataStart + dataBytes);
        }

        private void checkUtf8() {
            ByteBuffer bytes = ByteBuffer.wrap(header);
            int ascii = 0;
            while (ascii + Long.BYTES <= header.length && (bytes.getLong(ascii) & HIGH_BITS) == 0) {
                ascii += Long.BYTES;
            }
            bytes.position(ascii);
            CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
            CharBuffer chars = CharBuffer.allocate(1 << 13);
            CoderResult result;
            do {
                result = decoder.decode(bytes, chars.clear(), true);
            } while (result.isOverflow());
            if (result.isError()) {
                throw new CheckpointException(file, "its header is not valid UTF-8");
            }
        }

        private CheckpointException wrong(String what) {
            return new CheckpointException(file, "its header " + what);
        }

        private CheckpointException wrong(String tensor, String what) {
            return new CheckpointException(file, "tensor " + tensor + " " + what);
        }

        private void metadata(JsonParser json) throws IOException {
            if (metadata != null) {
                throw wrong("has __metadata__ twice");
            }
            metadata = new LinkedHashMap<>();
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
                if (metadata.put(key, json.getText()) != null) {
                    throw wrong("has a __metadata__ entry twice: " + key);
                }
            }
        }

        private TensorInfo tensor(JsonParser json, String name) throws IOException {
            if (json.currentToken() != JsonToken.START_OBJECT) {
                throw wrong(name, "is not described by an object");
            }
            DType dtype = null;
            List<Long> shape = null;
            long[] offsets = null;
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String field = json.currentName();
                json.nextToken();
                boolean twice = false;
                switch (field) {
                    case "dtype" -> {
                        twice = dtype != null;
                        dtype = dtype(json, name);
                    }
                    case "shape" -> {
                        twice = shape != null;
                        shape = shape(sizes(json, name, field));
                    }
                    case "data_offsets" -> {
                        twice = offsets != null;
                        offsets = sizes(json, name, field);
                    }
                    // The reference implementation passes over fields that it does not know.
                    default -> json.skipChildren();
                }
                if (twice) {
                    throw wrong(name, "has its " + field + " twice");
                }
            }
            if (dtype == null || shape == null || offsets == null) {
                throw wrong(name, "lacks its " + (dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets"));
            }
            return checked(name, dtype, shape, offsets);
        }

        private DType dtype(JsonParser json, String name) throws IOException {
            String text = json.getText();
            DType dtype = json.currentToken() == JsonToken.VALUE_STRING ? DTYPES.get(text) : null;
            if (dtype == null) {
                throw wrong(name, "has the unknown dtype " + text);
            }
            return dtype;
        }

        private long[] sizes(JsonParser json, String name, String field) throws IOException {
            if (json.currentToken() != JsonToken.START_ARRAY) {
                throw wrong(name, "has a " + field + " that is not an array");
            }
            int count = 0;
            while (json.nextToken() != JsonToken.END_ARRAY) {
                boolean whole = json.currentToken() == JsonToken.VALUE_NUMBER_INT
                        && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
                if (!whole || json.getLongValue() < 0) {
                    throw wrong(name, "has a " + field + " with " + json.getText() + " in it, which is not a size");
                }
                if (count == sizes.length) {
                    sizes = Arrays.copyOf(sizes, 2 * count);
                }
                sizes[count++] = json.getLongValue();
            }
            return Arrays.copyOf(sizes, count);
        }

        /** The last tensor's shape where it is the same: so it often is with many tensors. */
        private List<Long> shape(long[] sizes) {
            if (!Arrays.equals(sizes, lastSizes)) {
                lastSizes = sizes;
                lastShape = Arrays.stream(sizes).boxed().toList();
            }
            return lastShape;
        }

        private TensorInfo checked(String name, DType dtype, List<Long> shape, long[] offsets) {
            if (offsets.length != 2 || offsets[1] < offsets[0]) {
                throw wrong(
                        name, "has data_offsets " + Arrays.toString(offsets) + ", which are not a start and an end");
            }
            long bytes = offsets[1] - offsets[0];
            if (offsets[1] > dataBytes) {
                throw wrong(
                        name,
                        "ends at byte " + offsets[1] + " of the values but only " + dataBytes
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
            return new TensorInfo(name, dtype, shape, file, dataStart + offsets[0], bytes);
        }

        /** Tensors in offset order, which must cover the values exactly. */
        private Map<String, TensorInfo> inOrder() {
            List<TensorInfo> ordered = new ArrayList<>(tensors.values());
            ordered.sort(Comparator.comparingLong(TensorInfo::offset).thenComparingLong(TensorInfo::bytes));
            tensors.clear();
            long at = dataStart;
            for (TensorInfo tensor : ordered) {
                if (tensor.offset() != at) {
                    String how = tensor.offset() < at ? "overlaps the tensor before it" : "leaves a hole before it";
                    throw wrong(tensor.name(), how + ": it starts at " + tensor.offset() + ", not at " + at);
                }
                at += tensor.bytes();
                tensors.put(tensor.name(), tensor);
            }
            long end = dataStart + dataBytes;
            if (at != end) {
                throw new CheckpointException(
                        file, "has " + (end - at) + " bytes after its last tensor that belong to none");
            }
            return tensors;
        }
    }
}
