package dev.stockpot.checkpoint.onnx;

import dev.stockpot.TestFiles;
import dev.stockpot.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Writes models for tests field by field, right or wrong, without the code under test. The numbers are onnx.proto's. */
public final class Proto {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** A field of variable length. */
    public Proto number(int field, long value) {
        return varint((long) field << 3).varint(value);
    }

    /** A field of 32 bits. */
    public Proto f32(int field, float value) {
        varint((long) field << 3 | 5);
        bytes.writeBytes(little(value));
        return this;
    }

    /** A field of bytes. */
    public Proto bytes(int field, byte... value) {
        varint((long) field << 3 | 2).varint(value.length);
        bytes.writeBytes(value);
        return this;
    }

    /** A field that claims to have {@code length} bytes, of which none follow. */
    public Proto claim(int field, long length) {
        return varint((long) field << 3 | 2).varint(length);
    }

    public Proto text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    /** A field that is a message. */
    public Proto message(int field, Proto value) {
        return bytes(field, value.bytes.toByteArray());
    }

    private Proto varint(long value) {
        long rest = value;
        for (; (rest & ~0x7FL) != 0; rest >>>= 7) {
            bytes.write((int) (rest & 0x7F | 0x80));
        }
        bytes.write((int) rest);
        return this;
    }

    public byte[] toBytes() {
        return bytes.toByteArray();
    }

    /** A tensor of F32 with its values as raw_data. */
    public static Proto f32(String name, float... values) {
        return f32(name, values.length).bytes(9, little(values));
    }

    /** A tensor of F32 without values. */
    public static Proto f32(String name, long... dims) {
        Proto tensor = new Proto();
        for (long dim : dims) {
            tensor.number(1, dim);
        }
        return tensor.number(2, 1).text(8, name);
    }

    static byte[] little(float... values) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        return buffer.array();
    }

    /** Says that a tensor's values are in another file; texts that are null are left out. */
    public Proto external(String location, String offset, String length) {
        String[] entries = {"location", location, "offset", offset, "length", length};
        for (int k = 0; k < entries.length; k += 2) {
            if (entries[k + 1] != null) {
                message(13, new Proto().text(1, entries[k]).text(2, entries[k + 1]));
            }
        }
        return number(14, 1);
    }

    /** A model with initializers. */
    public static Proto model(Proto... initializers) {
        Proto graph = new Proto();
        for (Proto initializer : initializers) {
            graph.message(5, initializer);
        }
        return of(graph);
    }

    /** A model with a graph. */
    public static Proto of(Proto graph) {
        return new Proto().number(1, 8).message(7, graph);
    }

    /** Writes a model with one tensor of its own, and others of F32 and these lengths in a data file, into a new folder. */
    public static Path withData(Path folder, Random random, int... lengths) throws IOException {
        Files.createDirectory(folder);
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        List<Proto> tensors = new ArrayList<>(List.of(f32("own", 1f, 2f)));
        for (int length : lengths) {
            String place = Integer.toString(data.size());
            tensors.add(f32("w" + length, (long) length).external("data", place, null));
            data.writeBytes(TestFiles.random(DType.F32, length, random).values());
        }
        Files.write(folder.resolve("data"), data.toByteArray());
        return model(tensors.toArray(Proto[]::new)).write(folder.resolve("model.onnx"));
    }

    /** Writes it. */
    public Path write(Path file) throws IOException {
        return Files.write(file, toBytes());
    }
}
