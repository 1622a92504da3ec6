package dev.stockpot.checkpoint.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SafetensorsLayoutTest {
    private static TensorSpec tensor(String name, DType dtype, Long... shape) {
        return new TensorSpec(name, dtype, List.of(shape));
    }

    private static byte[] header(int length, String json) {
        byte[] text = json.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + text.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .put(text)
                .array();
    }

    private static FileLayout file(Map<String, String> metadata, TensorSpec... tensors) {
        return SafetensorsLayout.file("x.safetensors", List.of(tensors), metadata)
                .files()
                .get(0);
    }

    /** The expected bytes are from the reference implementation's own tests. */
    @Test
    void writesHeadersAsTheReferenceDoes() {
        assertArrayEquals(header(8, "{}      "), file(Map.of()).header());
        assertArrayEquals(
                header(40, "{\"__metadata__\":{\"framework\":\"pt\"}}     "),
                file(Map.of("framework", "pt")).header());
        assertArrayEquals(
                header(64, "{\"attn.0\":{\"dtype\":\"F32\",\"shape\":[1,2,3],\"data_offsets\":[0,24]}}"),
                file(Map.of(), tensor("attn.0", DType.F32, 1L, 2L, 3L)).header());
        assertArrayEquals(
                header(72, "{\"attn0\":{\"dtype\":\"F32\",\"shape\":[1,1,2,3],\"data_offsets\":[0,24]}}       "),
                file(Map.of(), tensor("attn0", DType.F32, 1L, 1L, 2L, 3L)).header());
    }

    @Test
    void ordersNamesByTheirBytesInUtf8() {
        List<String> names =
                List.of("b", "ab", "a", "\uFFFD", "\uD83D\uDE00", "\uE000", "\u00E4", "\u4E2D", "a\uD83C\uDF72", "");
        FileLayout layout =
                file(Map.of(), names.stream().map(n -> tensor(n, DType.U8, 1L)).toArray(TensorSpec[]::new));
        List<String> expected = names.stream()
                .sorted((x, y) ->
                        Arrays.compareUnsigned(x.getBytes(StandardCharsets.UTF_8), y.getBytes(StandardCharsets.UTF_8)))
                .toList();
        assertEquals(
                expected,
                layout.tensors().stream().map(FileLayout.Placement::name).toList());
    }

    @Test
    void ordersTensorsByDescendingTypeThenByName() {
        FileLayout layout = file(
                Map.of(),
                tensor("b", DType.BF16, 1L),
                tensor("z", DType.BOOL, 1L),
                tensor("a", DType.BF16, 1L),
                tensor("y", DType.F64, 1L),
                tensor("i", DType.I64, 1L),
                tensor("h", DType.F16, 1L),
                tensor("f", DType.F32, 1L));
        assertEquals(
                List.of("i", "y", "f", "a", "b", "h", "z"),
                layout.tensors().stream().map(FileLayout.Placement::name).toList());
        for (FileLayout.Placement place : layout.tensors()) {
            assertEquals(0, place.offset() % Math.max(1, place.dtype().bits() / 8), place.name());
        }
    }

    @Test
    void splitsShardsBetweenTensorsOnly() {
        CheckpointLayout layout = SafetensorsLayout.sharded(
                WeightsName.MODEL,
                List.of(
                        tensor("a", DType.U8, 60L),
                        tensor("b", DType.U8, 60L),
                        tensor("c", DType.U8, 40L),
                        tensor("huge", DType.U8, 500L)),
                Map.of("format", "pt"),
                100);
        assertEquals(
                List.of(
                        "model-00001-of-00003.safetensors",
                        "model-00002-of-00003.safetensors",
                        "model-00003-of-00003.safetensors"),
                layout.files().stream().map(FileLayout::name).toList());
        String index = new String(layout.sideFiles().get("model.safetensors.index.json"), StandardCharsets.UTF_8);
        assertTrue(index.contains("\"total_size\": 660"), index);
        assertTrue(index.contains("model-00003-of-00003.safetensors"), index);
    }

    @Test
    void needsNoIndexWhereAllFits() {
        CheckpointLayout layout =
                SafetensorsLayout.sharded(WeightsName.MODEL, List.of(tensor("a", DType.U8, 60L)), Map.of(), 100);
        assertEquals("model.safetensors", layout.files().get(0).name());
        assertEquals(Map.of(), layout.sideFiles());
    }
}
