package dev.stockpot.checkpoint.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that the onnx package and PyTorch wrote (src/test/resources/onnx). */
class OnnxReaderTest {
    private static final Path MODELS = Path.of("src/test/resources/onnx");
    private static final double[] FLOATS = {0.5, -1.25, 2, 1, 0, -3};

    @TempDir
    Path folder;

    static byte[] values(Checkpoint checkpoint, String name) {
        ByteBuffer values = ByteBuffer.allocate((int) checkpoint.tensor(name).bytes());
        checkpoint.read(name, values);
        return values.array();
    }

    @Test
    void everyTypeIsReadAsRawBytesAndOneByOne() {
        Map<String, DType> types = Map.ofEntries(
                Map.entry("BFLOAT16", DType.BF16),
                Map.entry("BOOL", DType.BOOL),
                Map.entry("COMPLEX128", DType.C128),
                Map.entry("COMPLEX64", DType.C64),
                Map.entry("DOUBLE", DType.F64),
                Map.entry("FLOAT", DType.F32),
                Map.entry("FLOAT16", DType.F16),
                Map.entry("FLOAT4E2M1", DType.F4),
                Map.entry("FLOAT8E4M3FN", DType.F8_E4M3),
                Map.entry("FLOAT8E5M2", DType.F8_E5M2),
                Map.entry("FLOAT8E8M0", DType.F8_E8M0),
                Map.entry("INT16", DType.I16),
                Map.entry("INT32", DType.I32),
                Map.entry("INT64", DType.I64),
                Map.entry("INT8", DType.I8),
                Map.entry("UINT16", DType.U16),
                Map.entry("UINT32", DType.U32),
                Map.entry("UINT64", DType.U64),
                Map.entry("UINT8", DType.U8));
        Path file = MODELS.resolve("types_a.onnx");
        try (Checkpoint model = Checkpoint.open(file)) {
            assertEquals("onnx", model.format());
            assertEquals(48, model.tensors().size());
            types.forEach((type, dtype) -> {
                for (String how : List.of("raw.", "listed.")) {
                    TensorInfo tensor = model.tensor(how + type);
                    assertEquals(dtype, tensor.dtype(), type);
                    assertEquals(List.of(2L, 3L), tensor.shape(), type);
                    if (dtype.isFloat()) {
                        assertArrayEquals(FLOATS, model.doubles(how + type), how + type);
                    }
                }
                assertArrayEquals(values(model, "raw." + type), values(model, "listed." + type), type);
            });
            assertArrayEquals(new byte[] {1, 0, 1, 1, 0, 1}, values(model, "raw.UINT8"));
            // Integers of fewer bits than a byte are bytes: of 4 bits, the first in the lower half.
            assertEquals(List.of(3L), model.tensor("raw.INT4").shape());
            assertArrayEquals(new byte[] {0x01, 0x11, 0x10}, values(model, "raw.INT4"));
            assertArrayEquals(values(model, "raw.UINT2"), values(model, "listed.UINT2"));
            assertArrayEquals(new double[] {3.5}, model.doubles("scalar"));
            assertEquals(List.of(0L, 4L), model.tensor("empty").shape());
            assertEquals("Stockpot", model.metadata().get("author"));
            assertEquals(List.of("1 tensor of texts not read"), model.notes());
            // Floats that are listed are fixed in length, so they are read where they are.
            assertEquals(file, model.tensor("listed.FLOAT").source().file().orElseThrow());
            assertEquals(file, model.tensor("raw.FLOAT").source().file().orElseThrow());
        }
    }

    @Test
    void tensorsOfInnerGraphsAndFunctionsHaveTheirPathInFront() {
        Checkpoint model = Checkpoint.open(MODELS.resolve("inner_a.onnx"));
        assertEquals(
                List.of("choice/else_branch/w", "choice/then_branch/w", "bias", "mask", "local::shift/by"),
                List.copyOf(model.tensors().keySet()));
        assertArrayEquals(new double[] {0, Double.NEGATIVE_INFINITY, 0}, model.doubles("mask"));
    }

    @Test
    void valuesInADataFileAreReadThere() {
        Checkpoint model = Checkpoint.open(MODELS.resolve("external_a.onnx"));
        Checkpoint plain = Checkpoint.open(MODELS.resolve("export_a.onnx"));
        assertEquals(
                List.of("external_a.onnx", "external_a.onnx.data"),
                model.files().stream()
                        .map(f -> f.file().getFileName().toString())
                        .toList());
        assertEquals(plain.tensors().keySet(), model.tensors().keySet());
        for (String name : plain.tensors().keySet()) {
            assertArrayEquals(plain.doubles(name), model.doubles(name), name);
        }
    }

    @Test
    void quantisedModelsAreReadWithANote() {
        Checkpoint model = Checkpoint.open(MODELS.resolve("quantised.onnx"));
        assertArrayEquals(new byte[] {-4, -3, -2, -1, 0, 1, 2, 3}, values(model, "w"));
        assertTrue(model.notes().get(0).startsWith("the model is quantised (1 node)"), model.notes()::toString);
    }

    @Test
    void sparseInitializersAreRefused() {
        CheckpointException e =
                assertThrows(CheckpointException.class, () -> Checkpoint.open(MODELS.resolve("sparse.onnx")));
        assertEquals(Reason.UNSUPPORTED, e.reason());
        assertTrue(e.getMessage().contains("sparse initializer"), e.getMessage());
    }

    /** As a download keeps them: the folder has links to files of other names in another folder, all in one place. */
    @Test
    void aModelMayBeALinkIfItsDataFilesAreTogetherWithIt() throws IOException {
        Path blobs = Files.createDirectory(folder.resolve("blobs"));
        Path snapshot = Files.createDirectory(folder.resolve("snapshot"));
        Files.copy(MODELS.resolve("external_a.onnx"), blobs.resolve("17"));
        Files.copy(MODELS.resolve("external_a.onnx.data"), blobs.resolve("18"));
        Path link = Files.createSymbolicLink(snapshot.resolve("model.onnx"), Path.of("../blobs/17"));
        Files.createSymbolicLink(snapshot.resolve("external_a.onnx.data"), Path.of("../blobs/18"));
        assertEquals(5, Checkpoint.open(link).tensors().size());
        // One link to the model alone finds the data beside the model.
        Files.move(blobs.resolve("18"), blobs.resolve("external_a.onnx.data"));
        Path alone = Files.createSymbolicLink(folder.resolve("alone.onnx"), Path.of("blobs/17"));
        assertEquals(3, Checkpoint.open(alone).doubles("fc.bias").length);
    }

    @Test
    void valuesAreReadAtAnyOffset() throws IOException {
        // One byte more in front of the values each time, so that they begin at every residue.
        for (int k = 0; k < 9; k++) {
            Path a = Proto.model(Proto.f32("w".repeat(k + 1), 1f, 2f, 3f)).write(folder.resolve("a.onnx"));
            assertArrayEquals(new double[] {1, 2, 3}, Checkpoint.open(a).doubles("w".repeat(k + 1)));
        }
    }
}
