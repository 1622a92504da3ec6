package dev.stockpot;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.nio.file.ExtendedOpenOption;
import dev.stockpot.run.IoMode;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.StringJoiner;

/** Writes safetensors files for tests, without the code under test. */
public final class TestFiles {
    private TestFiles() {}

    /** A tensor's dtype, shape and values, in little-endian bytes. */
    public record Tensor(DType dtype, String shape, byte[] values) {
        /** An F64 tensor. */
        public static Tensor f64(String shape, double... values) {
            ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asDoubleBuffer().put(values);
            return new Tensor(DType.F64, shape, bytes.array());
        }

        /** An F32 tensor, each value rounded. */
        public static Tensor f32(String shape, double... values) {
            ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            for (double value : values) {
                bytes.putFloat((float) value);
            }
            return new Tensor(DType.F32, shape, bytes.array());
        }

        /** A BF16 tensor: each F32 value, truncated to its upper half. */
        public static Tensor bf16(String shape, double... values) {
            ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            for (double value : values) {
                bytes.putShort((short) (Float.floatToIntBits((float) value) >>> 16));
            }
            return new Tensor(DType.BF16, shape, bytes.array());
        }

        /** The values of an F64, F32 or BF16 tensor. */
        public double[] decoded() {
            return TestFiles.decoded(dtype, ByteBuffer.wrap(values));
        }
    }

    /** Decodes the bytes of {@code buffer}, from its first byte, as values of F64, F32 or BF16. */
    public static double[] decoded(DType dtype, ByteBuffer buffer) {
        ByteBuffer bytes = buffer.duplicate().clear().order(ByteOrder.LITTLE_ENDIAN);
        double[] values = new double[bytes.capacity() * 8 / dtype.bits()];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (dtype) {
                case F64 -> bytes.getDouble(8 * i);
                case F32 -> bytes.getFloat(4 * i);
                case BF16 -> Float.intBitsToFloat(bytes.getShort(2 * i) << 16);
                default -> throw new IllegalArgumentException(dtype.toString());
            };
        }
        return values;
    }

    /** Writes {@code tensors} in the order given. */
    public static Path write(Path file, Map<String, Tensor> tensors) throws IOException {
        Map<String, Long> sizes = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> sizes.put(name, (long) tensor.values().length));
        byte[] header = header(tensors, sizes);
        try (var out = Files.newOutputStream(file)) {
            out.write(header);
            for (Tensor tensor : tensors.values()) {
                out.write(tensor.values());
            }
        }
        return file;
    }

    /** A sparse file of one tensor, {@code elements} zeros, that takes no disk space. */
    public static Path sparse(Path file, String name, DType dtype, long... shape) throws IOException {
        long bytes = dtype.bytes(Arrays.stream(shape).reduce(1, Math::multiplyExact));
        String dimensions = Arrays.toString(shape).replace(" ", "");
        byte[] header = header(Map.of(name, new Tensor(dtype, dimensions, new byte[0])), Map.of(name, bytes));
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(header);
            out.setLength(header.length + bytes);
        }
        return file;
    }

    /** Length word and JSON, padded so that the values are 8-byte aligned. */
    public static byte[] header(Map<String, Tensor> tensors, Map<String, Long> sizes) {
        StringJoiner json = new StringJoiner(",", "{\"__metadata__\":{\"format\":\"pt\"},", "}");
        long at = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            long end = at + sizes.get(entry.getKey());
            json.add("\"" + entry.getKey() + "\":{\"dtype\":\""
                    + entry.getValue().dtype() + "\",\"shape\":"
                    + entry.getValue().shape() + ",\"data_offsets\":[" + at + "," + end + "]}");
            at = end;
        }
        byte[] text = json.toString().getBytes(StandardCharsets.UTF_8);
        int padded = (text.length + 7) / 8 * 8;
        ByteBuffer header = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(padded).put(text);
        while (header.hasRemaining()) {
            header.put((byte) ' ');
        }
        return header.array();
    }

    /**
     * {@code elements} random bit patterns of {@code dtype}, including subnormals; of floats none with the largest exponents, so
     * that they and their sums are finite.
     */
    public static Tensor random(DType dtype, int elements, Random random) {
        byte[] values = new byte[(int) dtype.bytes(elements)];
        random.nextBytes(values);
        int step = dtype.bits() / 8;
        for (int last = step - 1; dtype.isFloat() && last < values.length; last += step) {
            // The four upper bits of an exponent are at the same place in every type.
            values[last] &= (byte) ((values[last] & 0x78) == 0x78 ? ~0x08 : -1);
        }
        return new Tensor(dtype, "[" + elements + "]", values);
    }

    /** A model of several dtypes and sizes, its tensors adjacent in the file. */
    public static Map<String, Tensor> randomModel(Random random) {
        Map<String, Tensor> model = new LinkedHashMap<>();
        int n = 0;
        for (DType dtype : new DType[] {
            DType.F64, DType.F32, DType.BF16, DType.F16, DType.F8_E4M3, DType.F8_E5M2, DType.I64, DType.BOOL
        }) {
            for (int elements : new int[] {1, 1009, 0, 37, 5000}) {
                model.put("layer." + n++ + "." + dtype, random(dtype, elements, random));
            }
        }
        return model;
    }

    /** The ways to read files in {@code folder}: not every file system has direct access. */
    public static Set<IoMode> waysToRead(Path folder) throws IOException {
        Set<IoMode> ways = EnumSet.allOf(IoMode.class);
        Path file = Files.createTempFile(folder, "direct", null);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, ExtendedOpenOption.DIRECT)) {
            assertTrue(channel.isOpen());
        } catch (IOException | UnsupportedOperationException e) {
            ways.remove(IoMode.DIRECT);
        } finally {
            Files.delete(file);
        }
        return ways;
    }
}
