package dev.stockpot.checkpoint.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.text.JsonValues;
import dev.stockpot.text.Printable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads a header in any JSON that the format allows. */
final class JsonHeader {
    /** The high bits of eight bytes; a byte whose bit is set is not ASCII. */
    private static final long HIGH_BITS = 0x8080808080808080L;

    private static final int LONGEST_NUMBER = 20;

    /**
     * Strings may be as long as the header; numbers and nesting only as long as the format needs. A table of names would
     * only cost time: there are many, and each appears once.
     */
    private static final JsonFactory JSON = factory();

    private final Path file;
    private final byte[] header;
    private final HeaderTensors entries;
    private long[] sizes = new long[4];

    /** With the Jackson that a program has: Spark 3.5 has 2.15, others an older one. */
    private static JsonFactory factory() {
        JsonFactoryBuilder builder = new JsonFactoryBuilder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES);
        try {
            return Limits.of(builder).build();
        } catch (LinkageError e) {
            // Before 2.15 there are no limits to raise.
            return builder.build();
        }
    }

    /** A class of its own, as it needs what came with Jackson 2.15. */
    private static final class Limits {
        static JsonFactoryBuilder of(JsonFactoryBuilder builder) {
            StreamReadConstraints.Builder limits = StreamReadConstraints.builder()
                    .maxStringLength(SafetensorsHeader.MAX_HEADER_BYTES)
                    .maxNumberLength(LONGEST_NUMBER)
                    .maxNestingDepth(64);
            try {
                limits.maxNameLength(SafetensorsHeader.MAX_HEADER_BYTES);
            } catch (NoSuchMethodError e) {
                // Only from 2.16 on is there a limit for names.
            }
            return builder.streamReadConstraints(limits.build());
        }
    }

    JsonHeader(Path file, byte[] header, HeaderTensors entries) {
        this.file = file;
        this.header = header;
        this.entries = entries;
    }

    /**
     * Hands over all entries, in order.
     *
     * @throws CheckpointException if the header is not JSON, or its JSON does not describe tensors
     */
    void read() throws IOException {
        checkUtf8();
        if (header.length == 0 || header[0] != '{') {
            throw entries.wrong("does not begin with a JSON object");
        }
        // Of bytes, the parser would guess the encoding; the format has one.
        Reader text = new InputStreamReader(new ByteArrayInputStream(header), StandardCharsets.UTF_8);
        try (JsonParser json = JSON.createParser(text)) {
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
                throw entries.wrong("goes on after its JSON object");
            }
        } catch (JsonProcessingException e) {
            throw new CheckpointException(
                    Reason.DAMAGED,
                    file,
                    "its header is not valid JSON: " + JsonValues.fault(e),
                    Details.of().cause(e));
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

    private void metadata(JsonParser json) throws IOException {
        Map<String, String> found = new LinkedHashMap<>();
        entries.metadata(found);
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw entries.wrong("has a __metadata__ that is not an object");
        }
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            if (json.nextToken() != JsonToken.VALUE_STRING) {
                throw entries.wrong("has a __metadata__ entry that is not text: " + Printable.name(key));
            }
            if (found.put(key, json.getText()) != null) {
                throw entries.wrong("has a __metadata__ entry twice: " + Printable.name(key));
            }
        }
    }

    private void tensor(JsonParser json, String name) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw entries.wrong(name, "is not described by an object");
        }
        String dtype = null;
        long[] shape = null;
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
                    shape = sizes(json, name, field);
                }
                case "data_offsets" -> {
                    twice = offsets != null;
                    offsets = sizes(json, name, field);
                }
                // The reference implementation ignores unknown fields.
                default -> json.skipChildren();
            }
            if (twice) {
                throw entries.wrong(name, "has its " + field + " twice");
            }
        }
        if (dtype == null || shape == null || offsets == null) {
            throw entries.wrong(
                    name, "lacks its " + (dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets"));
        }
        entries.tensor(name, dtype, shape, offsets);
    }

    private String dtype(JsonParser json, String name) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw entries.wrong(name, "has the unknown dtype " + json.getText());
        }
        return json.getText();
    }

    private long[] sizes(JsonParser json, String name, String field) throws IOException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw entries.wrong(name, "has a " + field + " that is not an array");
        }
        int count = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            boolean whole = json.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && json.getTextLength() <= LONGEST_NUMBER
                    && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
            if (!whole || json.getLongValue() < 0) {
                throw entries.wrong(name, "has a " + field + " with " + json.getText() + " in it, which is not a size");
            }
            if (count == sizes.length) {
                sizes = Arrays.copyOf(sizes, 2 * count);
            }
            sizes[count++] = json.getLongValue();
        }
        return Arrays.copyOf(sizes, count);
    }
}
