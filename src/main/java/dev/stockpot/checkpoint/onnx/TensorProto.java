package dev.stockpot.checkpoint.onnx;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A tensor of a model (onnx.proto, {@code TensorProto}): its type and shape, and where its values are.
 *
 * @param message its place in the file
 * @param name its own name; empty for a constant's
 * @param type of its elements; null if ONNX has no such number
 * @param number of its type
 * @param dims sizes by dimension
 * @param values where its values are in the model's file: as they are in memory, in one piece; null if they are not
 * @param replaceable the fields that hold its values or say where they are
 * @param listedBytes how many bytes the listed values take in the file
 * @param external the texts that say where its values are in another file; null if they are in this one
 */
record TensorProto(
        ProtoInput.Message message,
        String name,
        ElementType type,
        long number,
        List<Long> dims,
        Range values,
        List<Range> replaceable,
        long listedBytes,
        Map<String, String> external) {
    static final int DIMS = 1;
    static final int DATA_TYPE = 2;
    static final int SEGMENT = 3;
    static final int FLOAT_DATA = 4;
    static final int INT32_DATA = 5;
    static final int STRING_DATA = 6;
    static final int INT64_DATA = 7;
    static final int NAME = 8;
    static final int RAW_DATA = 9;
    static final int DOUBLE_DATA = 10;
    static final int UINT64_DATA = 11;
    static final int EXTERNAL_DATA = 13;
    static final int DATA_LOCATION = 14;

    static final int LONGEST_NAME = 1 << 16;
    private static final int MOST_DIMS = 64;
    private static final int MOST_ENTRIES = 64;
    /** The place of values in another file. */
    static final int EXTERNAL = 1;

    /** Bytes of a file. */
    record Range(long from, long to) {
        long bytes() {
            return to - from;
        }
    }

    /** Reads the tensor that the last field is. */
    static TensorProto read(Path file, ProtoInput in, ProtoInput.Message outer) throws IOException {
        ProtoInput.Message message = in.enter(outer);
        Reading reading = new Reading(file, in);
        for (int field = in.field(); field != 0; field = in.field()) {
            reading.field(field, message);
        }
        in.leave(message);
        return reading.result(message);
    }

    /** Whether the values of the tensor that the last field is are in another file; of it nothing else is read. */
    static boolean isExternal(ProtoInput in, ProtoInput.Message outer) throws IOException {
        ProtoInput.Message message = in.enter(outer);
        boolean external = false;
        for (int field = in.field(); field != 0; field = in.field()) {
            if (field == DATA_LOCATION) {
                external = in.number() == EXTERNAL;
            } else {
                in.skip();
            }
        }
        in.leave(message);
        return external;
    }

    /** Whether the field at that place of the file holds some of its values. */
    boolean holds(long field) {
        return replaceable.stream().anyMatch(range -> range.from() <= field && field < range.to());
    }

    /** Whether its values are in another file. */
    boolean isExternal() {
        return external != null;
    }

    /**
     * What it is, under another name.
     *
     * @throws CheckpointException if its type cannot be read, or no memory could hold its shape
     */
    TensorSpec spec(String called, Path file) {
        if (type == null || type.dtype() == null) {
            throw new CheckpointException(
                    type == null ? Reason.DAMAGED : Reason.UNSUPPORTED,
                    file,
                    "tensor " + Printable.name(called) + " is of "
                            + (type == null
                                    ? "type " + number + ", which ONNX does not have"
                                    : type + ", which is not read"),
                    Details.of().tensor(called));
        }
        long elements = 1;
        try {
            for (long size : dims) {
                if (size < 0) {
                    throw damaged(file, called, "has the shape " + dims);
                }
                elements = Math.multiplyExact(elements, size);
            }
            int perByte = type.perByte();
            if (perByte > 1) {
                return new TensorSpec(called, DType.U8, List.of((elements - 1 + perByte) / perByte));
            }
            TensorSpec spec = new TensorSpec(called, type.dtype(), dims);
            spec.bytes();
            return spec;
        } catch (ArithmeticException e) {
            throw damaged(file, called, "has the shape " + dims + ", which no file could hold");
        }
    }

    static CheckpointException damaged(Path file, String called, String what) {
        return new CheckpointException(
                Reason.DAMAGED,
                file,
                "tensor " + Printable.name(called) + " " + what,
                Details.of().tensor(called));
    }

    /** What was read of it so far. */
    private static final class Reading {
        private final Path file;
        private final ProtoInput in;
        private String name = "";
        private long number;
        private final List<Long> dims = new ArrayList<>();
        private Range raw;
        /** Pieces that its listed values are in; 2 for more than one. */
        private int chunks;

        private Range chunk;
        private int listing;
        private final List<Range> replaced = new ArrayList<>();
        private long listedBytes;
        private final Map<String, String> entries = new HashMap<>();
        private boolean external;
        private boolean segment;

        Reading(Path file, ProtoInput in) {
            this.file = file;
            this.in = in;
        }

        void field(int field, ProtoInput.Message message) throws IOException {
            long from = in.fieldAt();
            switch (field) {
                case DIMS -> dims();
                case DATA_TYPE -> number = in.number();
                case NAME -> name = in.text(LONGEST_NAME);
                case RAW_DATA -> {
                    long length = in.length();
                    raw = new Range(in.position(), in.position() + length);
                    in.step(length);
                    replaced(from);
                }
                case FLOAT_DATA, INT32_DATA, INT64_DATA, DOUBLE_DATA, UINT64_DATA -> {
                    list(field);
                    replaced(from);
                }
                case EXTERNAL_DATA -> {
                    entry(message);
                    replaced(from);
                }
                case DATA_LOCATION -> {
                    external = in.number() == EXTERNAL;
                    replaced(from);
                }
                default -> {
                    segment |= field == SEGMENT;
                    in.skip();
                }
            }
        }

        private void dims() throws IOException {
            if (in.wireType() == ProtoInput.VARINT) {
                dim();
                return;
            }
            long to = in.length();
            to += in.position();
            while (in.position() < to) {
                dim();
            }
        }

        private void dim() throws IOException {
            dims.add(in.varint());
            if (dims.size() > MOST_DIMS) {
                throw in.damaged("has a tensor of more than " + MOST_DIMS + " dimensions before byte " + in.position());
            }
        }

        /** Values one by one, each a field of its own, or several in one. */
        private void list(int field) throws IOException {
            if (listing != 0 && listing != field) {
                throw in.damaged(
                        "has a tensor with values in fields " + listing + " and " + field + " at byte " + in.fieldAt());
            }
            listing = field;
            if (in.wireType() == ProtoInput.BYTES) {
                long length = in.length();
                chunk = new Range(in.position(), in.position() + length);
                chunks = Math.min(chunks + 1, 2);
                listedBytes += length;
                in.step(length);
            } else {
                long at = in.position();
                in.skip();
                chunks = 2;
                listedBytes += in.position() - at;
            }
        }

        private void replaced(long from) {
            int last = replaced.size() - 1;
            if (last >= 0 && replaced.get(last).to() == from) {
                replaced.set(last, new Range(replaced.get(last).from(), in.position()));
            } else {
                replaced.add(new Range(from, in.position()));
            }
        }

        /** A key and its value (onnx.proto, {@code StringStringEntryProto}). */
        private void entry(ProtoInput.Message tensor) throws IOException {
            ProtoInput.Message message = in.enter(tensor);
            Map.Entry<String, String> entry = Metadata.entry(in, LONGEST_NAME);
            in.leave(message);
            entries.put(entry.getKey(), entry.getValue());
            if (entries.size() > MOST_ENTRIES) {
                throw in.damaged("has more than " + MOST_ENTRIES + " texts on one data file");
            }
        }

        TensorProto result(ProtoInput.Message message) {
            ElementType type = ElementType.of(number);
            if (segment) {
                throw new CheckpointException(
                        Reason.UNSUPPORTED,
                        file,
                        "tensor " + Printable.name(name) + " is one segment of a larger one",
                        Details.of().tensor(name));
            }
            boolean lists = listedBytes > 0 && !external;
            if (lists && raw != null && raw.bytes() > 0) {
                throw damaged(file, name, "has its values twice: as raw_data and one by one");
            }
            if (lists && type != null && type.dtype() != null && listing != type.field()) {
                throw damaged(file, name, "is of " + type + " but has its values in field " + listing);
            }
            boolean together = chunks == 1 && (listing == FLOAT_DATA || listing == DOUBLE_DATA);
            Range values = lists ? (together ? chunk : null) : raw;
            if (!lists && raw == null) {
                values = new Range(message.end(), message.end());
            }
            return new TensorProto(
                    message,
                    name,
                    type,
                    number,
                    List.copyOf(dims),
                    values,
                    List.copyOf(replaced),
                    listedBytes,
                    external ? Map.copyOf(entries) : null);
        }
    }
}
