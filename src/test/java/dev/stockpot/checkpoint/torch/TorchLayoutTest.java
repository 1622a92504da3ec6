package dev.stockpot.checkpoint.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TorchLayoutTest {
    private static final long FOUR_GIB = 1L << 32;

    private static TensorSpec tensor(String name, DType dtype, Long... shape) {
        return new TensorSpec(name, dtype, List.of(shape));
    }

    private static FileLayout layout(TensorSpec... tensors) {
        return TorchLayout.file(Path.of("x.pt"), List.of(tensors), Map.of())
                .files()
                .get(0);
    }

    /** The bytes that the seal writes, by offset. */
    private static TreeMap<Long, ByteBuffer> sealed(FileLayout layout, int... sums) throws IOException {
        TreeMap<Long, ByteBuffer> pieces = new TreeMap<>();
        layout.seal().write(sums, (offset, bytes) -> pieces.put(offset, bytes.order(ByteOrder.LITTLE_ENDIAN)));
        return pieces;
    }

    /** The opcodes, by hand: é is two bytes of UTF-8, 560 elements are 0x230, and repeated values come from the memo. */
    @Test
    void picklesAStateDictAsPyTorchRebuildsIt() throws IOException {
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        expected.writeBytes(new byte[] {(byte) 0x80, 2});
        String first = "}("
                + "X\2\0\0\0\u00c3\u00a9ctorch._utils\n_rebuild_tensor_v2\nq\0("
                + "(X\7\0\0\0storageq\1ctorch\nHalfStorage\nq\2X\1\0\0\0000X\3\0\0\0cpuq\3M0\2tQ"
                + "K\0K\7KP\u0086KPK\1\u0086\u0089ccollections\nOrderedDict\nq\4)RtR";
        String second = "X\1\0\0\0fctorch._utils\n_rebuild_tensor_v3\nq\5("
                + "(h\1ctorch.storage\nUntypedStorage\nq\6X\1\0\0\0001h\3K\1tQ"
                + "K\0))\u0089h\4)Rctorch\nfloat8_e4m3fn\nq\7tR";
        String text = first + second + "u.";
        expected.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
        byte[] pickle = StateDictPickle.of(
                Path.of("x.pt"), List.of(tensor("\u00e9", DType.F16, 7L, 80L), tensor("f", DType.F8_E4M3)));
        assertArrayEquals(expected.toByteArray(), pickle);
    }

    @Test
    void alignsEveryTensorTo64Bytes() {
        FileLayout layout = layout(IntStream.range(0, 200)
                .mapToObj(k -> tensor("t" + k, DType.U8, (long) k))
                .toArray(TensorSpec[]::new));
        long end = layout.header().length;
        for (FileLayout.Placement place : layout.tensors()) {
            assertEquals(0, place.offset() % 64, place.name());
            assertTrue(place.offset() > end, place.name());
            end = place.end();
        }
    }

    /** Sizes from 4 GiB on, and offsets beyond that, go into zip64 fields: APPNOTE 4.5.3. */
    @Test
    void writesWideNumbersWhereEntriesNeedThem() throws IOException {
        long large = 5 * FOUR_GIB;
        FileLayout layout = layout(tensor("large", DType.U8, large), tensor("small", DType.U8, 3L));
        TreeMap<Long, ByteBuffer> pieces = sealed(layout, 0x11223344, 0x55667788);
        long header = layout.header().length;
        ByteBuffer local = pieces.get(header);
        assertEquals(0x04034B50, local.getInt(0));
        assertEquals(45, local.getShort(4));
        assertEquals(0x11223344, local.getInt(14));
        assertEquals(-1, local.getInt(18));
        assertEquals(-1, local.getInt(22));
        int extra = 30 + local.getShort(26);
        assertEquals(1, local.getShort(extra));
        assertEquals(16, local.getShort(extra + 2));
        assertEquals(large, local.getLong(extra + 4));
        assertEquals(large, local.getLong(extra + 12));
        assertEquals('F' | 'B' << 8, local.getShort(extra + 20));
        assertEquals(layout.tensors().get(0).offset(), header + local.limit());

        long after = layout.tensors().get(0).end();
        ByteBuffer localAfter = pieces.get(after);
        assertEquals(3, localAfter.getInt(22));
        assertEquals(layout.tensors().get(1).offset(), after + localAfter.limit());

        long directoryAt = pieces.lastKey();
        ByteBuffer directory = pieces.get(directoryAt);
        assertEquals(layout.bytes(), directoryAt + directory.limit());
        int end = directory.limit() - 22;
        assertEquals(0x06054B50, directory.getInt(end));
        assertEquals(5, directory.getShort(end + 10));
        assertEquals(-1, directory.getInt(end + 16));
        assertEquals(0x07064B50, directory.getInt(end - 20));
        int wideEnd = Math.toIntExact(directory.getLong(end - 12) - directoryAt);
        assertEquals(0x06064B50, directory.getInt(wideEnd));
        assertEquals(5, directory.getLong(wideEnd + 32));
        assertEquals(wideEnd, directory.getLong(wideEnd + 40));
        assertEquals(directoryAt, directory.getLong(wideEnd + 48));

        // The fourth entry of five: small, but beyond 4 GiB.
        int at = 0;
        for (int k = 0; k < 3; k++) {
            at += 46 + directory.getShort(at + 28) + directory.getShort(at + 30);
        }
        assertEquals(0x02014B50, directory.getInt(at));
        assertEquals(0x55667788, directory.getInt(at + 16));
        assertEquals(3, directory.getInt(at + 24));
        assertEquals(-1, directory.getInt(at + 42));
        assertEquals(8, directory.getShort(at + 46 + directory.getShort(at + 28) + 2));
        assertEquals(after, directory.getLong(at + 46 + directory.getShort(at + 28) + 4));
    }

    @Test
    void moreEntriesThanSixteenBitsCountAreReadBackByAnotherReader(@TempDir Path folder) throws IOException {
        int count = 70_000;
        FileLayout layout = layout(IntStream.range(0, count)
                .mapToObj(k -> tensor("layer." + k, DType.F32, 0L))
                .toArray(TensorSpec[]::new));
        Path file = folder.resolve("many.pt");
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap(layout.header()), 0);
            layout.seal().write(new int[count], (offset, bytes) -> out.write(bytes, offset));
            assertEquals(layout.bytes(), out.size());
        }
        try (ZipFile zip = new ZipFile(file.toFile())) {
            assertEquals(count + 3, zip.size());
            assertEquals(0, zip.getEntry("archive/data/69999").getSize());
            ZipEntry version = zip.getEntry("archive/version");
            assertEquals("3\n", new String(zip.getInputStream(version).readAllBytes(), StandardCharsets.US_ASCII));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F4", "F6_E2M3", "F6_E3M2"})
    void refusesTypesThatPyTorchHasNoNameFor(DType dtype) {
        CheckpointException failure =
                assertThrows(CheckpointException.class, () -> layout(tensor("layer.scales", dtype, 8L)));
        assertTrue(failure.getMessage().contains("x.pt"), failure.getMessage());
        assertTrue(failure.getMessage().contains("layer.scales"), failure.getMessage());
        assertTrue(failure.getMessage().contains(dtype.name()), failure.getMessage());
    }

    @Test
    void refusesNamesThatAreNoText() {
        CheckpointException failure =
                assertThrows(CheckpointException.class, () -> layout(tensor("half \uD83D", DType.F32, 1L)));
        assertTrue(failure.getMessage().contains("not valid Unicode"), failure.getMessage());
    }
}
