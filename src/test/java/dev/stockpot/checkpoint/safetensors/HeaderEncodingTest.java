package dev.stockpot.checkpoint.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers and indexes are UTF-8, as every other reader takes them. */
class HeaderEncodingTest {
    private static final String HEADER = "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";

    @TempDir
    Path folder;

    private Path file(Charset charset) throws Exception {
        byte[] header = HEADER.getBytes(charset);
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + 4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length).put(header).putFloat(1);
        return Files.write(folder.resolve("model.safetensors"), bytes.array());
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32LE", "UTF-32BE"})
    void otherEncodingsAreNotGuessed(String charset) throws Exception {
        assertThrows(CheckpointException.class, () -> Checkpoint.open(file(Charset.forName(charset))));
        Path index = folder.resolve("model.safetensors.index.json");
        Files.write(index, "{\"weight_map\": {\"w\": \"model.safetensors\"}}".getBytes(Charset.forName(charset)));
        file(StandardCharsets.UTF_8);
        assertThrows(CheckpointException.class, () -> Checkpoint.open(index));
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8"})
    void utf8IsRead(String charset) throws Exception {
        assertEquals(
                1, Checkpoint.open(file(Charset.forName(charset))).tensors().size());
        Path index = folder.resolve("model.safetensors.index.json");
        Files.writeString(index, "{\"weight_map\": {\"w\": \"model.safetensors\"}}");
        assertEquals(1, Checkpoint.open(index).tensors().size());
        Files.write(index, "{\"weight_map\": {\"w\": \"\u00e9\"}}".getBytes(StandardCharsets.ISO_8859_1));
        CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(index));
        assertEquals(Reason.DAMAGED, e.reason());
    }
}
