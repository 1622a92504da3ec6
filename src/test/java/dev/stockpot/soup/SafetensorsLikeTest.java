package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.run.Run;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outputs like a safetensors file: its order, its alignment and its metadata. */
class SafetensorsLikeTest {
    @TempDir
    Path folder;

    /** A file whose tensors are in no order of names or types, with values at a multiple of 64. */
    private Path like(String prefix) throws Exception {
        StringBuilder json = new StringBuilder(
                "{\"__metadata__\":{\"format\":\"np\",\"author\":\"me\",\"soup.old\":\"x\"},\"" + prefix
                        + "z\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]},\"" + prefix
                        + "a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]},\"" + prefix
                        + "step\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[8,16]}}");
        while ((json.length() + 8) % 64 != 0) {
            json.append(' ');
        }
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length() + 16).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length()).put(json.toString().getBytes(StandardCharsets.US_ASCII));
        bytes.putShort((short) 0x3C00).putShort((short) 0x4000).putFloat(5).putLong(7);
        return Files.write(folder.resolve("like.safetensors"), bytes.array());
    }

    private static Checkpoint model(float value) {
        ByteBuffer step = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 9);
        return Checkpoint.inMemory("model")
                .put("a", List.of(1L), value)
                .put("step", DType.I64, List.of(), step)
                .put("z", List.of(2L), value, value + 1)
                .build();
    }

    private Checkpoint write(UniformSoup soup, Path like) throws Exception {
        WriteOptions options =
                WriteOptions.builder().like(like, OpenOptions.defaults()).build();
        return soup.write(folder.resolve("out.safetensors"), options, Run.defaults());
    }

    @Test
    void keepsOrderAlignmentAndMetadata() throws Exception {
        Checkpoint out = write(UniformSoup.of(model(1), model(3)), like(""));
        assertEquals(List.of("z", "a", "step"), List.copyOf(out.tensors().keySet()));
        TensorInfo first = out.tensor("z");
        assertEquals(0, first.offset() % 64);
        assertArrayEquals(new float[] {2, 3}, out.floats("z"));
        assertEquals("np", out.metadata().get("format"));
        assertNull(out.metadata().get("soup.old"));
        assertEquals("me", out.metadata().get("author"));
        assertTrue(
                out.metadata().containsKey("soup.recipe"), () -> out.metadata().toString());
    }

    @Test
    void namesThatHaveAPrefixInTheFileKeepIt() throws Exception {
        Path like = like("model.");
        write(UniformSoup.of(model(4)), like);
        Checkpoint out = Checkpoint.open(folder.resolve("out.safetensors"));
        assertEquals(
                List.of("model.z", "model.a", "model.step"),
                List.copyOf(out.tensors().keySet()));
        assertArrayEquals(new float[] {4}, out.floats("model.a"));
    }

    @Test
    void whatIsExcludedStaysAsItIs() throws Exception {
        Path like = like("");
        UniformSoup soup = UniformSoup.of(model(4))
                .withMatching(
                        MatchOptions.builder().exclude(Pattern.compile("z")).build());
        write(soup, like);
        Checkpoint out = Checkpoint.open(folder.resolve("out.safetensors"));
        assertEquals(List.of("z", "a", "step"), List.copyOf(out.tensors().keySet()));
        assertEquals(DType.F16, out.tensor("z").dtype());
        assertArrayEquals(new float[] {1, 2}, out.floats("z"));
        assertArrayEquals(new float[] {4}, out.floats("a"));
    }

    @Test
    void otherTensorsAreRefused() throws Exception {
        Checkpoint other = Checkpoint.inMemory("other").put("a", List.of(1L), 1).build();
        CheckpointException e = assertThrows(CheckpointException.class, () -> write(UniformSoup.of(other), like("")));
        assertEquals(Reason.NOT_ALIKE, e.reason());
        assertTrue(e.getMessage().contains("step"), e.getMessage());
    }
}
