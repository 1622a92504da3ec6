package dev.stockpot.checkpoint.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.Source;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Takes a header apart, and checks all that {@link SafetensorsHeader} promises. */
final class HeaderParser implements PlainHeader.Entries {
    /** Of eight bytes, none of which is ASCII's where its bit is set. */
    private static final long HIGH_BITS = 0x8080808080808080L;

    /**
     * Strings as long as the header itself may be; numbers and nesting no longer than the format has use for. A table of
     * names would only cost: there are many, and each appears once.
     */
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(SafetensorsHeader.MAX_HEADER_BYTES)
                    .maxNameLength(SafetensorsHeader.MAX_HEADER_BYTES)
                    .maxNumberLength(20)
                    .maxNestingDepth(64)
                    .build())
            .build();

    private static final Map<String, DType> DTYPES =
            Arrays.stream(DType.values()).collect(Collectors.toMap(DType::name, dtype -> dtype));

    private final Path file;
    private final Source source;
    private final byte[] header;
    private final long dataStart;
    private final long dataBytes;
    private Map<String, String> metadata;
    private final LinkedHashMap<String, TensorInfo> tensors = new LinkedHashMap<>();
    private long[] sizes = new long[4];
    private long[] lastSizes;
    private List<Long> lastShape;
    private long covered;
    private TensorInfo misplaced;

    HeaderParser(Path file, byte[] header, long fileBytes) {
        this.file = file;
        this.source = new FileSource(file);
        this.header = header;
        this.dataStart = SafetensorsHeader.LENGTH_BYTES + header.length;
        this.dataBytes = fileBytes - dataStart;
    }

    SafetensorsHeader parse() throws IOException {
        return new PlainHeader(header).read(this) ? header() : parseJson();
    }

    /** As {@link #parse}, whatever JSON the header is. */
    SafetensorsHeader parseJson() throws IOException {
        metadata = null;
        tensors.clear();
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
                    tensor(json, name);
                }
            }
            if (json.nextToken() != null) {
                throw wrong("goes on after its JSON object");
            }
        } catch (JsonParseException | com.fasterxml.jackson.core.exc.StreamConstraintsException e) {
            throw new CheckpointException(
                    Reason.DAMAGED,
                    file,
                    "its header is not valid JSON: " + e.getOriginalMessage(),
                    Details.of().cause(e));
        }
        return header();
    }

    private SafetensorsHeader header() {
        return new SafetensorsHeader(
                metadata == null ? Map.of() : metadata, TensorMap.of(inOrder()), dataStart + dataBytes);
    }

    @Override
    public void metadata(Map<String, String> entries) {
        if (metadata != null) {
            throw wrong("has __metadata__ twice");
        }
        metadata = entries;
    }

    @Override
    public void tensor(String name, String dtype, long[] shape, long[] offsets) {
        add(name, dtype(name, dtype), shape(shape), offsets);
    }

    private void add(String name, DType dtype, List<Long> shape, long[] offsets) {
        if (tensors.put(name, checked(name, dtype, shape, offsets)) != null) {
            throw wrong("has the tensor " + name + " twice");
        }
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
            throw new CheckpointException(Reason.DAMAGED, file, "its header is not valid UTF-8");
        }
    }

    private CheckpointException wrong(String what) {
        return new CheckpointException(Reason.DAMAGED, file, "its header " + what);
    }

    private CheckpointException wrong(String tensor, String what) {
        return new CheckpointException(
                Reason.DAMAGED,
                file,
                "tensor " + tensor + " " + what,
                Details.of().tensor(tensor));
    }

    private void metadata(JsonParser json) throws IOException {
        metadata(new LinkedHashMap<>());
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

    private void tensor(JsonParser json, String name) throws IOException {
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
        add(name, dtype, shape, offsets);
    }

    private DType dtype(JsonParser json, String name) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw wrong(name, "has the unknown dtype " + json.getText());
        }
        return dtype(name, json.getText());
    }

    private DType dtype(String name, String text) {
        DType dtype = DTYPES.get(text);
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
            throw wrong(name, "has data_offsets " + Arrays.toString(offsets) + ", which are not a start and an end");
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
                    name, "takes " + needed + " bytes as " + dtype + " " + shape + " but its offsets span " + bytes);
        }
        return new TensorInfo(name, dtype, shape, source, dataStart + offsets[0], bytes);
    }

    /** Tensors in offset order, which must cover the values exactly. */
    private LinkedHashMap<String, TensorInfo> inOrder() {
        cover();
        if (misplaced != null) {
            // Most write them in order.
            List<TensorInfo> ordered = new ArrayList<>(tensors.values());
            ordered.sort(Comparator.comparingLong(TensorInfo::offset).thenComparingLong(TensorInfo::bytes));
            tensors.clear();
            ordered.forEach(tensor -> tensors.put(tensor.name(), tensor));
            cover();
        }
        if (misplaced != null) {
            String how = misplaced.offset() < covered ? "overlaps the tensor before it" : "leaves a hole before it";
            throw wrong(misplaced.name(), how + ": it starts at " + misplaced.offset() + ", not at " + covered);
        }
        long end = dataStart + dataBytes;
        if (covered != end) {
            throw new CheckpointException(
                    Reason.DAMAGED,
                    file,
                    "has " + (end - covered) + " bytes after its last tensor that belong to none");
        }
        return tensors;
    }

    /** Finds how far each tensor begins where the one before it ends, and the first that does not. */
    private void cover() {
        misplaced = null;
        covered = dataStart;
        for (TensorInfo tensor : tensors.values()) {
            if (tensor.offset() != covered) {
                misplaced = tensor;
                return;
            }
            covered += tensor.bytes();
        }
    }
}
