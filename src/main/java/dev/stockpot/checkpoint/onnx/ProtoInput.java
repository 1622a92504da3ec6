package dev.stockpot.checkpoint.onnx;

import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The wire format of protocol buffers, read from a file through a small window: what is stepped over is not read. Every
 * length is checked against the message around it. Positions are offsets in the file.
 */
final class ProtoInput {
    /** Wire types (protobuf.dev, "Encoding"). */
    static final int VARINT = 0;

    static final int FIXED64 = 1;
    static final int BYTES = 2;
    static final int FIXED32 = 5;

    private static final int WINDOW = 1 << 13;
    private static final int LONGEST_VARINT = 10;

    private final Path path;
    private final RandomFile file;
    private final ByteBuffer window = ByteBuffer.allocate(WINDOW).order(ByteOrder.LITTLE_ENDIAN);
    private long windowAt;
    private long position;
    private long end;
    private long fieldAt;
    private int wireType;

    /**
     * A message inside another, or the whole file.
     *
     * @param outer the message around it; null for the whole file
     * @param lengthAt where its length is; its fields begin at {@code start}
     */
    record Message(Message outer, long lengthAt, long start, long end) {}

    /** Begins at the start of {@code file}, all of which is one message. */
    ProtoInput(Path path, RandomFile file) throws IOException {
        this.path = path;
        this.file = file;
        this.end = file.size();
        window.limit(0);
    }

    /** The message that is the whole file. */
    Message whole() throws IOException {
        return new Message(null, 0, 0, file.size());
    }

    /** The offset of the next byte. */
    long position() {
        return position;
    }

    /** The number of the next field; 0 at the end of the message. */
    int field() throws IOException {
        if (position == end) {
            return 0;
        }
        fieldAt = position;
        long tag = varint();
        wireType = (int) (tag & 7);
        if (tag < 8 || tag > 0xFFFF_FFFFL || wireType == 3 || wireType == 4 || wireType > FIXED32) {
            throw damaged("has no field at byte " + fieldAt + ": it is not a protobuf message");
        }
        return (int) (tag >>> 3);
    }

    /** The wire type of the last field. */
    int wireType() {
        return wireType;
    }

    /** Where the last field begins, with its number. */
    long fieldAt() {
        return fieldAt;
    }

    /** Enters the message that the last field is. */
    Message enter(Message outer) throws IOException {
        long lengthAt = position;
        long length = length();
        Message message = new Message(outer, lengthAt, position, position + length);
        end = message.end();
        return message;
    }

    /** Goes on after a message, in the one around it. */
    void leave(Message message) {
        position = message.end();
        end = message.outer().end();
    }

    /** Begins with the first field of a message, which was entered before. */
    void again(Message message) {
        position = message.start();
        end = message.end();
    }

    /** Steps over the last field. */
    void skip() throws IOException {
        switch (wireType) {
            case VARINT -> varint();
            case FIXED64 -> step(Long.BYTES);
            case FIXED32 -> step(Integer.BYTES);
            default -> step(length());
        }
    }

    /** Steps over {@code bytes} that are known to be in the message. */
    void step(long bytes) throws IOException {
        if (bytes > end - position) {
            throw truncated();
        }
        position += bytes;
    }

    /** The length of the last field, which is bytes, a text or a message. */
    long length() throws IOException {
        if (wireType != BYTES) {
            throw damaged("has a number at byte " + fieldAt + " where ONNX has a length");
        }
        long length = varint();
        if (length < 0 || length > end - position) {
            throw damaged("claims " + Long.toUnsignedString(length) + " bytes at byte " + position + " but only "
                    + (end - position) + " follow: it is truncated or damaged");
        }
        return length;
    }

    /** The last field as a text of at most {@code longest} bytes. */
    String text(int longest) throws IOException {
        long length = length();
        if (length > longest) {
            throw damaged("has a text of " + length + " bytes at byte " + position + ", more than the " + longest
                    + " that are read");
        }
        byte[] bytes = new byte[(int) length];
        for (int done = 0; done < bytes.length; ) {
            fill(1);
            int some = Math.min(bytes.length - done, window.remaining());
            window.get(bytes, done, some);
            position += some;
            done += some;
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** The last field as a number. */
    long number() throws IOException {
        if (wireType != VARINT) {
            throw damaged("has no number at byte " + fieldAt + " where ONNX has one");
        }
        return varint();
    }

    /** The next number of variable length. */
    long varint() throws IOException {
        long value = 0;
        for (int k = 0; k < LONGEST_VARINT; k++) {
            byte next = next();
            value |= (next & 0x7FL) << (7 * k);
            if (next >= 0) {
                return value;
            }
        }
        throw damaged("has a number of more than 64 bits before byte " + position);
    }

    /** The next byte. */
    byte next() throws IOException {
        fill(1);
        position++;
        return window.get();
    }

    /** The next 4 bytes. */
    int fixed32() throws IOException {
        fill(Integer.BYTES);
        position += Integer.BYTES;
        return window.getInt();
    }

    /** The next 8 bytes. */
    long fixed64() throws IOException {
        fill(Long.BYTES);
        position += Long.BYTES;
        return window.getLong();
    }

    /** Makes {@code bytes} from the position on available in the window. */
    private void fill(int bytes) throws IOException {
        if (bytes > end - position) {
            throw truncated();
        }
        long at = position - windowAt;
        if (at >= 0 && at + bytes <= window.limit()) {
            window.position((int) at);
            return;
        }
        window.clear();
        windowAt = position;
        while (window.position() < bytes) {
            if (file.read(window, windowAt + window.position()) < 0) {
                throw new CheckpointException(Reason.CHANGED, path, "shrank while it was being opened");
            }
        }
        window.flip();
    }

    private CheckpointException truncated() {
        return damaged("ends within a field, at byte " + end + ": it is truncated or damaged");
    }

    CheckpointException damaged(String what) {
        return new CheckpointException(Reason.DAMAGED, path, what);
    }
}
