package dev.stockpot.checkpoint;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.onnx.Proto;
import dev.stockpot.checkpoint.zip.ZipWriter;
import dev.stockpot.error.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names of a file's own choice in messages about it. */
class HostileNamesTest {
    private static final String NAME = "a\nerror: b\u001B[2J" + "x".repeat(3000);
    private static final int LONGEST_MESSAGE = 400;

    @TempDir
    Path folder;

    private void assertQuoted(Path file) {
        CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(file));
        String message = e.getMessage().substring(file.toString().length());
        assertTrue(message.contains("a\\nerror: b\\u001b[2Jxxx"), message);
        assertFalse(message.chars().anyMatch(Character::isISOControl), message);
        assertTrue(message.length() < LONGEST_MESSAGE, message);
    }

    @Test
    void safetensorsTensorsAndMetadata() throws IOException {
        String name = NAME.replace("\n", "\\n").replace("\u001B", "\\u001b");
        assertQuoted(safetensors("{\"" + name + "\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}"));
        assertQuoted(safetensors("{\"w\":{\"dtype\":\"" + name + "\",\"shape\":[2],\"data_offsets\":[0,8]}}"));
        assertQuoted(safetensors("{\"__metadata__\":{\"" + name + "\":1}}"));
    }

    private Path safetensors(String header) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + json.length + 8).order(ByteOrder.LITTLE_ENDIAN);
        return Files.write(
                folder.resolve("m.safetensors"),
                file.putLong(json.length).put(json).array());
    }

    @Test
    void ggufKeys() throws IOException {
        byte[] key = NAME.getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(36 + key.length).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(0x46554747)
                .putInt(3)
                .putLong(0)
                .putLong(1)
                .putLong(key.length)
                .put(key)
                .putInt(99);
        assertQuoted(Files.write(folder.resolve("m.gguf"), file.array()));
    }

    @Test
    void onnxTensorsAndDataFiles() throws IOException {
        assertQuoted(Proto.model(Proto.f32(NAME, 2L).bytes(9, new byte[3])).write(folder.resolve("m.onnx")));
        assertQuoted(Proto.model(Proto.f32("w", 2L).external(NAME.substring(0, 100), null, null))
                .write(folder.resolve("n.onnx")));
    }

    @Test
    void membersOfArchives() throws IOException {
        byte[] array = "\u0093NUMPY\u0001\u0000".getBytes(StandardCharsets.ISO_8859_1);
        assertQuoted(new ZipWriter().add(NAME + ".npy", array).write(folder.resolve("m.npz")));
        assertQuoted(new ZipWriter().add("../" + NAME, array).write(folder.resolve("n.npz")));
    }
}
