package dev.stockpot.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointsTest {
    @TempDir
    Path folder;

    private Path safetensors(String name, String json, int valueBytes) throws IOException {
        byte[] text = json.getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + text.length + valueBytes).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(text.length).put(text);
        return Files.write(folder.resolve(name), file.array());
    }

    private static String told(Path path) {
        return assertThrows(CheckpointException.class, () -> Checkpoint.open(path))
                .getMessage();
    }

    @Test
    void readsWhatPyTorchWrote() {
        Checkpoint model = Checkpoint.open(Path.of("examples/ingredients/model_00.safetensors"));
        assertEquals("safetensors", model.format());
        assertEquals(80_602, model.parameters());
        assertEquals("pt", model.metadata().get("format"));
        assertEquals(List.of(48L, 1568L), model.tensors().get("fc1.weight").shape());
        assertEquals(DType.F32, model.tensors().get("fc1.weight").dtype());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} | 4 | truncated",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} | 12 | 4 bytes after its last tensor",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}} | 12 | leaves a hole",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}} | 8 | takes 12 bytes",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}} | 8 | not a start and an end",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]}} | 8 | not a start and an end",
                "{\"t\":{\"dtype\":\"F33\",\"shape\":[2],\"data_offsets\":[0,8]}} | 8 | unknown dtype F33",
                "{\"t\":{\"dtype\":7,\"shape\":[2],\"data_offsets\":[0,8]}} | 8 | unknown dtype",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}} | 8 | -2",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}} | 8 | not a size",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[2e0],\"data_offsets\":[0,8]}} | 8 | not a size",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}} | 8 | not an array",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[18446744073709551615],\"data_offsets\":[0,8]}} | 8 | not a size",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999999],\"data_offsets\":[0,8]}} | 8 | JSON",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}} | 0 | no file can hold",
                "{\"t\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,1]}} | 1 | no file can hold",
                "{\"t\":{\"shape\":[2],\"data_offsets\":[0,8]}} | 8 | lacks its dtype",
                "{\"t\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}} | 8 | lacks its shape",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[2]}} | 8 | lacks its data_offsets",
                "{\"t\":[]} | 0 | not described by an object",
                "{\"t\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"t\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}} | 2 | has the tensor t twice",
                "{\"t\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}} | 1 | has its dtype twice",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}} | 3 | overlaps",
                "{\"t\":{\"dtype\":\"U8\",\"shape\":[1],\"shape\":[1],\"data_offsets\":[0,1]}} | 1 | has its shape twice",
                "{\"t\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"data_offsets\":[0,1]}} | 1 | has its data_offsets twice",
                "{\"__metadata__\":{},\"__metadata__\":{}} | 0 | has __metadata__ twice",
                "{\"__metadata__\":null,\"__metadata__\":{}} | 0 | has __metadata__ twice",
                "{\"__metadata__\":{\"a\":\"1\",\"a\":\"1\"}} | 0 | entry twice: a",
                "{\"__metadata__\":{\"a\":1}} | 0 | not text",
                "{\"__metadata__\":[]} | 0 | not an object",
                "{\"t\":{\"dtype\":\"F32\" | 0 | JSON",
                "{} {} | 0 | goes on after",
                "{\"t\":{\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[ | 0 | JSON"
            })
    void refusesAHostileHeader(String json, int valueBytes, String reason) throws IOException {
        String message = told(safetensors("hostile.safetensors", json, valueBytes));
        assertTrue(message.contains(reason), message);
        assertTrue(message.contains("hostile.safetensors"), message);
    }

    @Test
    void refusesHeaderLengthsThatCannotBe() throws IOException {
        Path file = folder.resolve("length.safetensors");
        for (long length : new long[] {100_000_001L, Long.MAX_VALUE, -1}) {
            ByteBuffer bytes = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
            bytes.putLong(length).put((byte) '{');
            Files.write(file, bytes.array());
            assertThrows(CheckpointException.class, () -> Checkpoint.open(file));
        }
        ByteBuffer bytes = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(1000).put((byte) '{');
        Files.write(file, bytes.array());
        assertTrue(told(file).contains("claims a header of 1000 bytes but only 56 follow"), told(file));
    }

    @Test
    void refusesAHeaderThatIsNotUtf8() throws IOException {
        Path file = safetensors("utf8.safetensors", "{\"?\":{}}", 0);
        byte[] bytes = Files.readAllBytes(file);
        bytes[10] = (byte) 0xC3;
        Files.write(file, bytes);
        assertTrue(told(file).contains("UTF-8"), told(file));
        // Invalid bytes beyond the first decoded part, and a header cut within a character.
        for (String end : List.of("\u00ff{}", "{\u00c3")) {
            String text = "{\"__metadata__\":{\"" + "\u00e4".repeat(20_000) + "\":\"\"}}";
            byte[] valid = text.getBytes(StandardCharsets.UTF_8);
            byte[] header = Arrays.copyOf(valid, valid.length + end.length());
            System.arraycopy(end.getBytes(StandardCharsets.ISO_8859_1), 0, header, valid.length, end.length());
            ByteBuffer all = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
            Files.write(file, all.putLong(header.length).put(header).array());
            assertTrue(told(file).contains("UTF-8"), told(file));
        }
    }

    @Test
    void passesOverFieldsThatTheReferencePassesOver() throws IOException {
        Path file = safetensors(
                "extra.safetensors",
                "{\"t\":{\"dtype\":\"U8\",\"shape\":[],\"extra\":{\"a\":[1]},\"data_offsets\":[0,1]}}  ",
                1);
        assertEquals(List.of(), Checkpoint.open(file).tensors().get("t").shape());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | an empty file",
                "'version https://git-lfs.github.com/spec/v1' | Git LFS pointer",
                "'<!DOCTYPE html><html>' | an HTML page",
                "'GGUF....' | of GGUF; 2 and 3 are read",
                "'{\"a\": 1}' | a JSON file",
                "'some words' | a text file"
            })
    void saysWhatElseAFileIs(String content, String what) throws IOException {
        Path file = Files.writeString(folder.resolve("model.safetensors"), content);
        assertTrue(told(file).contains(what), told(file));
    }

    @Test
    void saysWhatElseABinaryFileIs() throws IOException {
        record Case(int[] start, String what) {}
        for (Case c : List.of(
                new Case(
                        new int[] {'P', 'K', 3, 4, 0, 0, 'a', '/', 'd', 'a', 't', 'a', '.', 'p', 'k', 'l'},
                        "zip archive"),
                new Case(
                        new int[] {0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19},
                        "truncated"),
                new Case(new int[] {0x80, 4, 'N', '.'}, "a Python pickle that PyTorch did not write"),
                new Case(new int[] {0x81, 0xA6, 'p', 'a', 'r', 'a', 'm', 's', 0x80}, "Flax"),
                new Case(new int[] {8, 1, 18, 4}, "TensorFlow"),
                new Case(new int[] {0x1F, 0x8B, 8}, "gzip"),
                new Case(new int[] {0x89, 'H', 'D', 'F', '\r', '\n'}, "HDF5"),
                new Case(new int[] {0x93, 'N', 'U', 'M', 'P', 'Y'}, "arr_0 ends within its header"),
                new Case(new int[100], "zero bytes"))) {
            byte[] bytes = new byte[c.start().length];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) c.start()[i];
            }
            Path file = Files.write(folder.resolve("model.bin"), bytes);
            assertTrue(told(file).contains(c.what()), told(file));
        }
    }

    /** As TensorFlow, Flax and PyTorch before 0.2 wrote them. */
    @Test
    void saysWhatOtherFrameworksWrote() throws IOException {
        ByteBuffer table = ByteBuffer.allocate(100).order(ByteOrder.LITTLE_ENDIAN);
        table.putLong(92, 0xDB4775248B80FB57L);
        Path index = Files.write(folder.resolve("model.ckpt.index"), table.array());
        assertTrue(told(index).contains("the index of a TensorFlow checkpoint"), told(index));
        Path values = Files.write(folder.resolve("model.ckpt.data-00000-of-00001"), new byte[] {1, -2, 3});
        assertTrue(told(values).contains("the values of a TensorFlow checkpoint"), told(values));
        Path flax = Files.write(folder.resolve("flax_model.msgpack"), new byte[] {(byte) 0x82, (byte) 0xA1, 'a', 1});
        assertTrue(told(flax).contains("a MessagePack file, as Flax writes"), told(flax));
        byte[] tar = new byte[1024];
        System.arraycopy("storages".getBytes(StandardCharsets.US_ASCII), 0, tar, 0, 8);
        System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 5);
        Path old = Files.write(folder.resolve("old.pth"), tar);
        assertTrue(told(old).contains("a tar archive"), told(old));
        Path saved = Files.createDirectory(folder.resolve("saved"));
        Files.write(saved.resolve("saved_model.pb"), new byte[] {8, 1, 18, 4});
        assertTrue(told(saved).contains("is a TensorFlow saved model"), told(saved));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"weight_map\":{\"t\":\"../shard.safetensors\"}} | not the name of a file in its own folder",
                "{\"weight_map\":{\"t\":\"/etc/passwd\"}} | not the name of a file in its own folder",
                "{\"weight_map\":{\"t\":\"..\"}} | not the name of a file in its own folder",
                "{\"weight_map\":{\"t\":\"gone.safetensors\"}} | gone.safetensors is missing",
                "{\"weight_map\":{\"t\":\"shard.safetensors\",\"u\":\"shard.safetensors\"}} | which lacks it",
                "{\"weight_map\":{\"u\":\"shard.safetensors\"}} | which the index does not list",
                "{\"weight_map\":{\"t\":\"shard.safetensors\",\"t\":\"shard.safetensors\"}} | Duplicate",
                "{\"weight_map\":{\"t\":3}} | not a name",
                "{\"metadata\":{}} | no weight_map",
                "[] | not a JSON object",
                "{\"weight_map\" | not valid JSON"
            })
    void refusesAHostileIndex(String json, String reason) throws IOException {
        safetensors("shard.safetensors", "{\"t\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1);
        Path index = Files.writeString(folder.resolve("model.safetensors.index.json"), json);
        assertTrue(told(index).contains(reason), told(index));
    }

    /** Other libraries load such models by their shards alone, so the message says how to go on. */
    @Test
    void anIndexThatDisagreesWithItsShardsSaysWhatToChange() throws IOException {
        safetensors("shard.safetensors", "{\"t\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1);
        Path index = folder.resolve("model.safetensors.index.json");
        for (String map :
                List.of("{\"u\":\"shard.safetensors\"}", "{\"t\":\"shard.safetensors\",\"u\":\"shard.safetensors\"}")) {
            Files.writeString(index, "{\"weight_map\":" + map + "}");
            CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(index));
            String hint = e.hint().orElseThrow();
            assertTrue(hint.contains("weight_map of model.safetensors.index.json"), hint);
        }
        Files.writeString(index, "{\"weight_map\":{\"t\":\"shard.safetensors\"}}");
        assertEquals(1, Checkpoint.open(index).tensors().size());
    }

    @Test
    void opensADirectoryByWhatItHolds() throws IOException {
        assertTrue(told(folder).contains("holds nothing"), told(folder));
        String one = "{\"t\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
        safetensors("b.safetensors", one, 1);
        assertEquals(1, Checkpoint.open(folder).tensors().size());
        safetensors("a.safetensors", one, 1);
        assertTrue(told(folder).contains("several checkpoints (a.safetensors, b.safetensors)"), told(folder));
        safetensors("model.safetensors", one, 1);
        assertEquals(
                folder.resolve("model.safetensors"),
                Checkpoint.open(folder).files().get(0).file());
    }

    @Test
    void parsesFiftyThousandTensors() throws IOException {
        StringBuilder json = new StringBuilder("{");
        for (int k = 0; k < 50_000; k++) {
            json.append(k == 0 ? "" : ",")
                    .append("\"model.layers.")
                    .append(k)
                    .append(".weight\":{\"dtype\":\"U8\",")
                    .append("\"shape\":[1],\"data_offsets\":[")
                    .append(k)
                    .append(',')
                    .append(k + 1)
                    .append("]}");
        }
        Path file = safetensors("many.safetensors", json.append('}').toString(), 50_000);
        assertEquals(50_000, Checkpoint.open(file).tensors().size());
    }

    @Test
    void filesOfOneHeaderAreToldApartAndACutOneIsFound() throws IOException {
        Random random = new Random(5);
        Map<String, TestFiles.Tensor> model = TestFiles.randomModel(random);
        Path a = TestFiles.write(folder.resolve("a.safetensors"), model);
        Path b = TestFiles.write(folder.resolve("b.safetensors"), model);
        Path other = TestFiles.write(
                folder.resolve("c.safetensors"), Map.of("w", new TestFiles.Tensor(DType.F32, "[1]", new byte[4])));
        List<Path> paths = List.of(a, b, other, b);
        List<Checkpoint> opened = Checkpoint.openAll(paths, OpenOptions.defaults());
        for (int i = 0; i < paths.size(); i++) {
            Checkpoint alone = Checkpoint.open(paths.get(i));
            assertEquals(alone.path(), opened.get(i).path());
            assertEquals(alone.files(), opened.get(i).files());
            assertEquals(alone.metadata(), opened.get(i).metadata());
            assertEquals(
                    List.copyOf(alone.tensors().values()),
                    List.copyOf(opened.get(i).tensors().values()));
        }
        byte[] bytes = Files.readAllBytes(b);
        Files.write(b, java.util.Arrays.copyOf(bytes, bytes.length - 1));
        CheckpointException e = assertThrows(
                CheckpointException.class, () -> Checkpoint.openAll(List.of(a, b), OpenOptions.defaults()));
        assertTrue(e.getMessage().contains("b.safetensors"), e.getMessage());
    }
}
