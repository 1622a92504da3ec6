package dev.stockpot.checkpoint.gguf;

import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is before the tensors of one file, validated: metadata, and each tensor's name, sizes, type and place.
 *
 * @param version of the format
 * @param bigEndian whether numbers and values have that byte order
 * @param entries the metadata by key, in order
 * @param tensors in the file's order
 * @param alignment of the tensors' values
 */
record GgufHeader(int version, boolean bigEndian, Map<String, GgufEntry> entries, List<Info> tensors, long alignment) {
    static final String MAGIC = "GGUF";
    /** Bytes of the magic, the version and two counts. */
    static final int FIXED_BYTES = 24;

    static final int DEFAULT_ALIGNMENT = 32;

    private static final int MAGIC_BYTES = 0x46554747;
    private static final long LARGEST_ALIGNMENT = 1 << 20;
    /** GGML_MAX_DIMS. */
    private static final int MOST_DIMENSIONS = 4;

    private static final int LEAST_ENTRY_BYTES = 13;
    private static final int LEAST_TENSOR_BYTES = 24;

    /**
     * A tensor.
     *
     * @param shape sizes by dimension, row-major; the file has them the other way round
     * @param offset of its values in the file
     * @param bytes that its values take there
     */
    record Info(String name, List<Long> shape, GgufType type, long offset, long bytes) {}

    /**
     * Reads the header of {@code file}, open as {@code in}.
     *
     * @throws CheckpointException if it is damaged, or has a type that is not read
     */
    static GgufHeader read(Path file, RandomFile in) throws IOException {
        GgufInput input = new GgufInput(file, in);
        input.order(ByteOrder.LITTLE_ENDIAN);
        if (input.i32() != MAGIC_BYTES) {
            throw input.damaged("does not begin like a GGUF file");
        }
        int version = input.i32();
        boolean bigEndian = (version & 0xFFFF) == 0 && version != 0;
        if (bigEndian) {
            version = Integer.reverseBytes(version);
            input.order(ByteOrder.BIG_ENDIAN);
        }
        if (version != 2 && version != 3) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    file,
                    "is of version " + Integer.toUnsignedString(version) + " of GGUF; 2 and 3 are read",
                    Details.of().hint("convert it again with a current llama.cpp"));
        }
        long tensors = input.count(LEAST_TENSOR_BYTES, "tensors");
        long count = input.count(LEAST_ENTRY_BYTES, "entries of metadata");
        Map<String, GgufEntry> entries = new LinkedHashMap<>();
        for (long k = 0; k < count; k++) {
            GgufEntry entry = GgufEntry.read(input);
            if (entries.put(entry.key(), entry) != null) {
                throw input.damaged("has the metadata " + Printable.name(entry.key()) + " twice");
            }
        }
        long alignment = alignment(input, entries.get("general.alignment"));
        List<Info> unplaced = new ArrayList<>();
        for (long k = 0; k < tensors; k++) {
            unplaced.add(info(file, input));
        }
        long values = aligned(input.position(), alignment);
        return new GgufHeader(
                version, bigEndian, entries, placed(file, in.size(), unplaced, values, alignment), alignment);
    }

    /** The next multiple of {@code alignment}. */
    static long aligned(long offset, long alignment) {
        return Math.addExact(offset, alignment - 1) / alignment * alignment;
    }

    private static long alignment(GgufInput input, GgufEntry entry) {
        if (entry == null) {
            return DEFAULT_ALIGNMENT;
        }
        long alignment = entry.number().orElse(0);
        if (alignment < 1 || alignment > LARGEST_ALIGNMENT || Long.bitCount(alignment) != 1) {
            throw input.damaged("has the alignment " + Printable.name(entry.text())
                    + ", which is no power of two up to " + LARGEST_ALIGNMENT);
        }
        return alignment;
    }

    private static Info info(Path file, GgufInput input) throws IOException {
        String name = input.text(GgufInput.LONGEST_NAME, "a tensor's name");
        int dimensions = input.i32();
        if (dimensions < 0 || dimensions > MOST_DIMENSIONS) {
            throw damaged(
                    file,
                    name,
                    "has " + Integer.toUnsignedString(dimensions) + " dimensions; GGUF has at most " + MOST_DIMENSIONS);
        }
        List<Long> shape = new ArrayList<>();
        long elements = 1;
        try {
            for (int d = 0; d < dimensions; d++) {
                long size = input.i64();
                if (size < 0) {
                    throw damaged(file, name, "has the size " + Long.toUnsignedString(size));
                }
                elements = Math.multiplyExact(elements, size);
                shape.add(size);
            }
            int code = input.i32();
            GgufType type = GgufType.of(code);
            if (type == null) {
                throw new CheckpointException(
                        Reason.UNSUPPORTED,
                        file,
                        "tensor " + Printable.name(name) + " is of the type " + GgufType.name(code)
                                + ", which is not read",
                        Details.of()
                                .tensor(name)
                                .hint("take the model that it was quantised from, or a file of type F16, BF16, Q8_0 or"
                                        + " Q4_K"));
            }
            if (type.isQuantised() && (shape.isEmpty() || shape.get(0) % type.blockElements() != 0)) {
                throw damaged(
                        file,
                        name,
                        "has rows that are no multiple of the " + type.blockElements() + " values in a block of "
                                + type);
            }
            type.dtype().bytes(elements);
            Collections.reverse(shape);
            return new Info(name, List.copyOf(shape), type, input.i64(), type.bytes(elements));
        } catch (ArithmeticException e) {
            throw damaged(file, name, "has sizes that no file can hold: " + shape);
        }
    }

    /** The tensors where they are in the file, which they must be, apart from each other. */
    private static List<Info> placed(Path file, long size, List<Info> infos, long values, long alignment) {
        List<Info> placed = new ArrayList<>(infos.size());
        Set<String> names = new HashSet<>();
        for (Info info : infos) {
            if (!names.add(info.name())) {
                throw damaged(file, info.name(), "is there twice");
            }
            if (info.offset() < 0 || info.offset() % alignment != 0) {
                throw damaged(
                        file,
                        info.name(),
                        "begins at " + Long.toUnsignedString(info.offset()) + ", which is no multiple of the alignment "
                                + alignment);
            }
            if (info.bytes() > size - values || info.offset() > size - values - info.bytes()) {
                throw damaged(
                        file,
                        info.name(),
                        "ends at " + info.offset() + " + " + info.bytes() + " of the values, which are "
                                + Math.max(0, size - values) + " bytes long: the file is truncated or damaged");
            }
            placed.add(new Info(info.name(), info.shape(), info.type(), values + info.offset(), info.bytes()));
        }
        placed.sort(Comparator.comparingLong(Info::offset).thenComparingLong(Info::bytes));
        for (int k = 1; k < placed.size(); k++) {
            Info before = placed.get(k - 1);
            if (before.offset() + before.bytes() > placed.get(k).offset()) {
                throw damaged(file, placed.get(k).name(), "overlaps " + before.name());
            }
        }
        return List.copyOf(placed);
    }

    private static CheckpointException damaged(Path file, String tensor, String what) {
        return new CheckpointException(
                Reason.DAMAGED,
                file,
                "tensor " + Printable.name(tensor) + " " + what,
                Details.of().tensor(tensor));
    }

    /** An entry's whole number. */
    long number(String key, long otherwise) {
        GgufEntry entry = entries.get(key);
        return entry == null ? otherwise : entry.number().orElse(otherwise);
    }
}
