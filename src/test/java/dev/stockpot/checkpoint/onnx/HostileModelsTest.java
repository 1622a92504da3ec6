package dev.stockpot.checkpoint.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models that contradict themselves, or lead elsewhere. */
class HostileModelsTest {
    @TempDir
    Path folder;

    private Path model;

    @BeforeEach
    void data() throws IOException {
        model = Files.createDirectory(folder.resolve("model")).resolve("m.onnx");
        Files.write(folder.resolve("secret"), new byte[64]);
        Files.write(model.resolveSibling("data"), new byte[64]);
        Files.createSymbolicLink(model.resolveSibling("link"), Path.of("../secret"));
        Files.createSymbolicLink(model.resolveSibling("up"), Path.of(".."));
        Files.createSymbolicLink(model.resolveSibling("inside"), Path.of("data"));
    }

    private CheckpointException refused(Proto written) throws IOException {
        written.write(model);
        CheckpointException e = assertThrows(CheckpointException.class, () -> {
            try (Checkpoint opened = Checkpoint.open(model)) {
                // What is listed one by one is looked at when it is wanted.
                opened.tensors().keySet().forEach(name -> OnnxReaderTest.values(opened, name));
            }
        });
        assertEquals(model, e.file().orElseThrow());
        return e;
    }

    static Stream<Arguments> tensors() {
        return Stream.of(
                Arguments.of("has the shape [-1]", Proto.f32("w", -1L)),
                Arguments.of("which no file could hold", Proto.f32("w", 1L << 40, 1L << 40)),
                Arguments.of("which no file could hold", Proto.f32("w", Long.MAX_VALUE)),
                Arguments.of(
                        "should have 12 bytes but has 8", Proto.f32("w", 3L).bytes(9, new byte[8])),
                Arguments.of("should have 12 bytes but has 0", Proto.f32("w", 3L)),
                Arguments.of(
                        "type 99, which ONNX does not have",
                        new Proto().number(2, 99).text(8, "w")),
                Arguments.of("type 0, which ONNX does not have", new Proto().text(8, "w")),
                Arguments.of(
                        "FLOAT8E4M3FNUZ, which is not read",
                        new Proto().number(2, 18).text(8, "w")),
                Arguments.of("without a name", Proto.f32("", 1f)),
                Arguments.of("values twice", Proto.f32("w", 1f).bytes(4, new byte[4])),
                Arguments.of(
                        "of FLOAT but has its values in field 10",
                        Proto.f32("w", 1L).bytes(10, new byte[8])),
                Arguments.of(
                        "fields 4 and 5",
                        Proto.f32("w", 1L).bytes(4, new byte[4]).bytes(5, (byte) 0)),
                Arguments.of("one segment", Proto.f32("w", 1f).message(3, new Proto())),
                Arguments.of("more than 64 dimensions", Proto.f32("w", new long[65])),
                Arguments.of("has too few values", half(2).bytes(5, (byte) 1)),
                Arguments.of("has the value 65536", half(1).bytes(5, (byte) 0x80, (byte) 0x80, (byte) 4)),
                Arguments.of(
                        "more values than its shape [1]",
                        new Proto()
                                .number(1, 1)
                                .number(2, 6)
                                .text(8, "i")
                                .number(5, 1)
                                .number(5, 2)),
                Arguments.of(
                        "has 1 values but 2",
                        new Proto().number(1, 2).number(2, 6).text(8, "i").bytes(5, (byte) 0x81, (byte) 1)));
    }

    private static Proto half(long values) {
        return new Proto().number(1, values).number(2, 10).text(8, "h");
    }

    @ParameterizedTest
    @MethodSource("tensors")
    void tensorsThatContradictThemselves(String why, Proto tensor) throws IOException {
        CheckpointException e = refused(Proto.model(tensor));
        assertTrue(e.getMessage().contains(why), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"../secret", "/etc/hostname", "up/secret", "link", "a/../../secret", "", "m.onnx", "data\0"})
    void dataFilesOutsideOfTheFolder(String location) throws IOException {
        CheckpointException e = refused(Proto.model(Proto.f32("w", 2L).external(location, null, null)));
        assertTrue(
                e.getMessage().contains("has its tensor w in '" + location.replace("\0", "\\u0000")), e.getMessage());
    }

    /** An output would not have them. */
    @ParameterizedTest
    @CsvSource({
        "Constant, value, 5, constant c",
        "ConstantOfShape, value, 5, value of node",
        "Own, all, 10, all of node"
    })
    void dataFilesOfWhatIsNoWeight(String op, String attribute, int field, String named) throws IOException {
        Proto integers = new Proto().number(1, 2).number(2, 7).external("data", "0", "16");
        Proto node = new Proto().text(2, "c").text(4, op);
        node.message(5, new Proto().text(1, attribute).message(field, integers));
        Proto graph = new Proto().message(1, node).message(5, Proto.f32("w", 1f));
        CheckpointException e = refused(Proto.of(graph));
        assertEquals(Reason.UNSUPPORTED, e.reason());
        assertTrue(e.getMessage().contains(named) && e.getMessage().contains("in another file"), e.getMessage());
    }

    @Test
    void dataFilesInTheFolder() throws IOException {
        for (String location : new String[] {"data", "./data", "inside"}) {
            Proto.model(Proto.f32("w", 2L).external(location, "8", null)).write(model);
            assertEquals(8, Checkpoint.open(model).tensor("w").offset());
        }
        CheckpointException e = refused(Proto.model(Proto.f32("w", 2L).external("none", null, null)));
        assertEquals(Reason.NOT_FOUND, e.reason());
        Files.createDirectory(model.resolveSibling("folder"));
        CheckpointException other = refused(Proto.model(Proto.f32("w", 2L).external("folder", null, null)));
        assertTrue(other.getMessage().contains("'folder', which is not a regular file"), other.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "60|8|which has 64",
                "64|8|which has 64",
                "-8|8|no number",
                "9223372036854775807|8|which has 64",
                "18446744073709551608|8|no number",
                "0x8|8|no number",
                "0|-8|no number",
                "0|16|should have 8 bytes but has 16"
            })
    void placesThatDataFilesDoNotHave(String place) throws IOException {
        String[] part = place.split("\\|");
        CheckpointException e = refused(Proto.model(Proto.f32("w", 2L).external("data", part[0], part[1])));
        assertTrue(e.getMessage().contains(part[2]), e.getMessage());
    }

    @Test
    void tensorsThatOverlap() throws IOException {
        Proto v = Proto.f32("v", 4L).external("data", "0", "16");
        CheckpointException e = refused(Proto.model(v, Proto.f32("w", 4L).external("data", "8", "16")));
        assertTrue(e.getMessage().contains("some of the bytes of v"), e.getMessage());
        // Equal tensors are stored once by some writers.
        Proto.model(v, Proto.f32("w", 4L).external("data", "0", "16")).write(model);
        assertEquals(2, Checkpoint.open(model).tensors().size());
    }

    @Test
    void namesThatAreThereTwice() throws IOException {
        CheckpointException e = refused(Proto.model(Proto.f32("w", 1f), Proto.f32("w", 2f)));
        assertTrue(e.getMessage().contains("tensor w is there twice"), e.getMessage());
    }

    @Test
    void everyBeginningOfAModelIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(Path.of("src/test/resources/onnx/inner_a.onnx"));
        for (int length = 2; length < whole.length; length++) {
            Files.write(model, Arrays.copyOf(whole, length));
            try {
                Checkpoint.open(model);
                // It ends between two fields, after the graph.
                assertTrue(length > 400, "read " + length + " bytes of " + whole.length);
            } catch (CheckpointException e) {
                assertTrue(e.reason() == Reason.DAMAGED || length < 4, length + ": " + e.getMessage());
            }
        }
    }

    @Test
    void lengthsThatAreNotThere() throws IOException {
        for (long length : new long[] {1, 1L << 30, 1L << 40, Long.MAX_VALUE, -1}) {
            for (Proto claims : new Proto[] {
                new Proto().number(1, 8).claim(7, length),
                Proto.of(new Proto().claim(5, length)),
                Proto.model(new Proto().claim(8, length)),
                Proto.model(new Proto().claim(9, length))
            }) {
                CheckpointException e = refused(claims);
                assertTrue(e.getMessage().contains("claims " + Long.toUnsignedString(length)), e.getMessage());
            }
        }
    }

    @Test
    void textsOfAnyLengthAreSteppedOverOrRefused() throws IOException {
        byte[] long1 = new byte[1 << 17];
        CheckpointException e = refused(Proto.model(Proto.f32("w", 0L).bytes(8, long1)));
        assertTrue(e.getMessage().contains("a text of 131072 bytes"), e.getMessage());
        Proto.model(Proto.f32("w", 1f).bytes(12, long1)).write(model);
        assertEquals(1, Checkpoint.open(model).tensors().size());
    }

    @Test
    void graphsInsideEachOtherWithoutEnd() throws IOException {
        Proto graph = new Proto();
        for (int k = 0; k < 2_000; k++) {
            graph = new Proto()
                    .message(
                            1,
                            new Proto()
                                    .text(4, "If")
                                    .message(5, new Proto().text(1, "b").message(6, graph)));
        }
        CheckpointException e = refused(Proto.of(graph));
        assertTrue(e.getMessage().contains("more than 64 deep"), e.getMessage());
    }

    @Test
    void whatIsNoModel() throws IOException {
        assertTrue(refused(new Proto().number(1, 8)).getMessage().contains("has no graph"));
        assertTrue(refused(new Proto().number(1, 8).bytes(7, (byte) 15))
                .getMessage()
                .contains("not a protobuf message"));
        assertTrue(refused(new Proto().number(1, 8).number(7, 3)).getMessage().contains("where ONNX has a length"));
    }
}
