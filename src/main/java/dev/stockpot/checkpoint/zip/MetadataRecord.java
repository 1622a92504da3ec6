package dev.stockpot.checkpoint.zip;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.text.JsonValues;
import dev.stockpot.text.Printable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Metadata in an archive: a JSON object of texts. A state dict has no room for it, as an extra key would fail a strict load,
 * but PyTorch ignores records that it does not know. NumPy takes every entry for an array, and passes over the archive's
 * comment.
 */
public final class MetadataRecord {
    /** Its name below the archive's prefix. */
    public static final String NAME = ".stockpot/metadata.json";

    /** The same limit as for a whole safetensors header. */
    public static final long MAX_BYTES = 100_000_000;

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength((int) MAX_BYTES)
                    .build())
            .build();

    /** What is before the object in a comment. */
    private static final String COMMENT = "stockpot ";

    private static final int LONGEST_COMMENT = 0xFFFF;

    private MetadataRecord() {}

    /** An archive's comment of {@code metadata}; empty if there is none, or it is too long for one. */
    public static byte[] comment(Map<String, String> metadata) {
        if (metadata.isEmpty()) {
            return new byte[0];
        }
        byte[] object = bytes(metadata);
        byte[] comment = Arrays.copyOf(COMMENT.getBytes(StandardCharsets.US_ASCII), COMMENT.length() + object.length);
        System.arraycopy(object, 0, comment, COMMENT.length(), object.length);
        return comment.length > LONGEST_COMMENT ? new byte[0] : comment;
    }

    /**
     * The metadata in an archive's comment; empty if it is another.
     *
     * @throws CheckpointException if it begins like metadata and is none
     */
    public static Map<String, String> read(Path file, byte[] comment) throws IOException {
        int start = COMMENT.length();
        boolean ours =
                comment.length > start && new String(comment, 0, start, StandardCharsets.ISO_8859_1).equals(COMMENT);
        return ours ? read(file, new ByteArrayInputStream(comment, start, comment.length - start)) : Map.of();
    }

    /** The record's bytes, its entries in the map's order. */
    public static byte[] bytes(Map<String, String> metadata) {
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

    /**
     * The metadata in the record of {@code file}.
     *
     * @throws CheckpointException if it is not an object of texts
     */
    public static Map<String, String> read(Path file, InputStream in) throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        try (JsonParser json = JSON.createParser(in)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw wrong(file, "is not a JSON object", null);
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                if (json.nextToken() != JsonToken.VALUE_STRING) {
                    throw wrong(file, "has a value under " + Printable.name(name) + " that is not text", null);
                }
                metadata.put(name, json.getText());
            }
            if (json.nextToken() != null) {
                throw wrong(file, "goes on after its object", null);
            }
            return metadata;
        } catch (JsonProcessingException e) {
            throw wrong(file, "is not valid JSON: " + JsonValues.fault(e), e);
        }
    }

    private static CheckpointException wrong(Path file, String what, Exception cause) {
        return new CheckpointException(
                Reason.DAMAGED, file, "its metadata " + what, Details.of().cause(cause));
    }
}
