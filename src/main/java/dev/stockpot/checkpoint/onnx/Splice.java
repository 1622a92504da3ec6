package dev.stockpot.checkpoint.onnx;

import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.TensorSpec;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A model's file with some of its bytes replaced: by others, or by values that are still to be written. Each message states
 * its length, so those of all messages around a replacement are written again, from the inside out, as a length may take
 * more or fewer bytes itself.
 */
final class Splice {
    /** What is copied in memory rather than from file to file: the fields between two tensors. */
    private static final long SMALL = 1 << 12;

    private final List<Edit> edits = new ArrayList<>();

    /** Bytes of the file from {@code from} to {@code to}, and what takes their place: {@code bytes}, then {@code value}. */
    private record Edit(ProtoInput.Message in, long from, long to, byte[] bytes, TensorSpec value) {
        long added() {
            return bytes.length + (value == null ? 0 : value.bytes()) - (to - from);
        }
    }

    /** The file as it will be. */
    record Result(List<FileLayout.Piece> pieces, List<FileLayout.Placement> values, long bytes) {}

    /** Replaces a range of a message. */
    void replace(ProtoInput.Message in, TensorProto.Range range, byte[] bytes) {
        edits.add(new Edit(in, range.from(), range.to(), bytes, null));
    }

    /** Puts bytes at a message's end. */
    void append(ProtoInput.Message in, byte[] bytes) {
        edits.add(new Edit(in, in.end(), in.end(), bytes, null));
    }

    /** Replaces a range of a message by a tensor's values. */
    void replace(ProtoInput.Message in, TensorProto.Range range, TensorSpec value) {
        edits.add(new Edit(in, range.from(), range.to(), new byte[0], value));
    }

    /** Puts a tensor's values at a message's end, as a field of their own. */
    void append(ProtoInput.Message in, int field, TensorSpec value) {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        head.writeBytes(Metadata.varint((long) field << 3 | ProtoInput.BYTES));
        head.writeBytes(Metadata.varint(value.bytes()));
        edits.add(new Edit(in, in.end(), in.end(), head.toByteArray(), value));
    }

    /** Puts all of it together; to be called once. */
    Result of(FileSource source) throws IOException {
        try (RandomFile file = RandomFile.open(source)) {
            lengths();
            // At one place, what is put at the end of a message comes before what replaces the bytes after it.
            edits.sort(Comparator.comparingLong(Edit::from).thenComparing(edit -> edit.to() > edit.from()));
            Assembly assembly = new Assembly(source, file);
            long at = 0;
            for (Edit edit : edits) {
                assembly.copy(at, edit.from());
                assembly.given(edit.bytes());
                if (edit.value() != null) {
                    assembly.value(edit.value());
                }
                at = edit.to();
            }
            assembly.copy(at, file.size());
            return assembly.result();
        }
    }

    /** Adds the edits of the lengths of messages that get longer or shorter. */
    private void lengths() {
        Map<ProtoInput.Message, Long> added = new HashMap<>();
        for (Edit edit : edits) {
            added.merge(edit.in(), edit.added(), Long::sum);
            for (ProtoInput.Message m = edit.in().outer(); m != null && !added.containsKey(m); m = m.outer()) {
                added.put(m, 0L);
            }
        }
        List<ProtoInput.Message> inward = new ArrayList<>(added.keySet());
        inward.sort(Comparator.comparingLong(ProtoInput.Message::start).reversed());
        for (ProtoInput.Message message : inward) {
            long more = added.get(message);
            if (more != 0 && message.outer() != null) {
                byte[] length = Metadata.varint(message.end() - message.start() + more);
                Edit edit = new Edit(message.outer(), message.lengthAt(), message.start(), length, null);
                edits.add(edit);
                added.merge(message.outer(), more + edit.added(), Long::sum);
            }
        }
    }

    /** Pieces one after another. */
    private static final class Assembly {
        private final FileSource source;
        private final RandomFile file;
        private final List<FileLayout.Piece> pieces = new ArrayList<>();
        private final List<FileLayout.Placement> values = new ArrayList<>();
        private final ByteArrayOutputStream small = new ByteArrayOutputStream();
        private long end;

        Assembly(FileSource source, RandomFile file) {
            this.source = source;
            this.file = file;
        }

        void copy(long from, long to) throws IOException {
            long bytes = to - from;
            if (bytes > SMALL) {
                flush();
                pieces.add(new FileLayout.Copied(end, source, from, bytes));
                end += bytes;
                return;
            }
            ByteBuffer copied = ByteBuffer.allocate((int) bytes);
            while (copied.hasRemaining()) {
                if (file.read(copied, from + copied.position()) < 0) {
                    throw new EOFException(source + " shrank while it was being read");
                }
            }
            given(copied.array());
        }

        void given(byte[] bytes) {
            small.writeBytes(bytes);
            end += bytes.length;
        }

        void value(TensorSpec tensor) {
            flush();
            values.add(new FileLayout.Placement(tensor.name(), tensor.dtype(), tensor.shape(), end, tensor.bytes()));
            end += tensor.bytes();
        }

        private void flush() {
            if (small.size() > 0) {
                pieces.add(new FileLayout.Given(end - small.size(), small.toByteArray()));
                small.reset();
            }
        }

        Result result() {
            flush();
            return new Result(pieces, values, end);
        }
    }
}
