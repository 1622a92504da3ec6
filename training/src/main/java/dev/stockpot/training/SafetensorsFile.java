package dev.stockpot.training;

import dev.stockpot.training.NetworkSource.Slot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Writes small safetensors files from values on the Java heap. */
final class SafetensorsFile {
    private final List<String> entries = new ArrayList<>();
    private final List<byte[]> values = new ArrayList<>();
    private long end;

    /** Writes a network's values. */
    static void write(Path file, Map<Slot, float[]> network) throws IOException {
        SafetensorsFile out = new SafetensorsFile();
        network.forEach((slot, array) -> {
            ByteBuffer bytes = ByteBuffer.allocate(array.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(array);
            out.add(slot.fullName(), "F32", slot.shape(), bytes.array());
        });
        out.write(file);
    }

    /** Writes images as {@code inputs} U8 [n, 1, 28, 28] and {@code labels} I64 [n]. */
    static void write(Path file, Images images) throws IOException {
        int area = Images.SIDE * Images.SIDE;
        ByteBuffer inputs = ByteBuffer.allocate(images.size() * area);
        for (byte[] image : images.pixels()) {
            inputs.put(image);
        }
        SafetensorsFile out = new SafetensorsFile();
        long[] shape = {images.size(), 1, Images.SIDE, Images.SIDE};
        out.add("labels", "I64", new long[] {images.size()}, longs(images.labels()));
        out.add("inputs", "U8", shape, inputs.array());
        out.write(file);
    }

    /** Writes texts as {@code inputs} I16 [n, words] and {@code labels} I64 [n]. */
    static void write(Path file, Texts texts) throws IOException {
        ByteBuffer inputs =
                ByteBuffer.allocate(texts.size() * Texts.LENGTH * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int[] words : texts.words()) {
            for (int word : words) {
                inputs.putShort((short) word);
            }
        }
        SafetensorsFile out = new SafetensorsFile();
        out.add("labels", "I64", new long[] {texts.size()}, longs(texts.labels()));
        out.add("inputs", "I16", new long[] {texts.size(), Texts.LENGTH}, inputs.array());
        out.write(file);
    }

    private static byte[] longs(int[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            bytes.putLong(value);
        }
        return bytes.array();
    }

    /** Adds a tensor; add those with wider elements first, since the format wants them aligned. */
    void add(String name, String dtype, long[] shape, byte[] bytes) {
        entries.add("\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                .formatted(name, dtype, Arrays.toString(shape).replace(" ", ""), end, end + bytes.length));
        values.add(bytes);
        end += bytes.length;
    }

    void write(Path file) throws IOException {
        String header = "{\"__metadata__\":{\"format\":\"pt\"}," + String.join(",", entries) + "}";
        header += " ".repeat((8 - header.length() % 8) % 8);
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer all =
                ByteBuffer.allocate(Math.toIntExact(8 + text.length + end)).order(ByteOrder.LITTLE_ENDIAN);
        all.putLong(text.length).put(text);
        values.forEach(all::put);
        Files.write(file, all.array());
    }
}
