package dev.stockpot.checkpoint.torch.storage;

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
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The record of a PyTorch file that holds metadata: a JSON object of texts. A state dict has no room for it, as an extra
 * key would fail a strict load; PyTorch ignores records that it does not know.
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

    private MetadataRecord() {}

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
                    throw wrong(file, "has a value under " + name + " that is not text", null);
                }
                metadata.put(name, json.getText());
            }
            if (json.nextToken() != null) {
                throw wrong(file, "goes on after its object", null);
            }
            return metadata;
        } catch (JsonProcessingException e) {
            throw wrong(file, "is not valid JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static CheckpointException wrong(Path file, String what, Exception cause) {
        return new CheckpointException(
                Reason.DAMAGED,
                file,
                "its record " + NAME + " " + what,
                Details.of().cause(cause));
    }
}
