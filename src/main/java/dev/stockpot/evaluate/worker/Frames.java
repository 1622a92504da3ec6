package dev.stockpot.evaluate.worker;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.stockpot.evaluate.worker.WorkerProtocol.Reply;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Reads replies from a worker's stdout: a varint with the length, then that many bytes. Anything else is rejected as soon as it is recognisable, so that a line of text does not make Stockpot wait for the bytes that its first character
 * announces.
 */
final class Frames {
    /** The longest message, in bytes. */
    static final int LIMIT = 64 << 20;

    private static final int SHOWN = 200;

    private final InputStream in;

    Frames(InputStream in) {
        this.in = in;
    }

    /**
     * The next reply.
     *
     * @throws EOFException if the stream ends first
     * @throws MalformedFrameException if something else arrives
     */
    Reply next() throws IOException {
        byte[] prefix = new byte[6];
        int got = 0;
        long length = 0;
        do {
            prefix[got] = (byte) required();
            length |= (prefix[got] & 0x7fL) << (7 * got);
        } while (prefix[got++] < 0 && got < 5);
        if (length > LIMIT || prefix[got - 1] < 0) {
            throw malformed("announces a message of " + length + " bytes, more than " + LIMIT, prefix, got);
        }
        if (length == 0) {
            throw malformed("sent an empty message", prefix, got);
        }
        prefix[got++] = (byte) required();
        if (!startsReply(prefix[got - 1])) {
            throw malformed("wrote something other than replies to its stdout", prefix, got);
        }
        byte[] rest = in.readNBytes((int) length - 1);
        byte[] message = new byte[rest.length + 1];
        message[0] = prefix[got - 1];
        System.arraycopy(rest, 0, message, 1, rest.length);
        if (message.length < length) {
            throw new EOFException(
                    "the worker's stdout ended after " + message.length + " of a message's " + length + " bytes");
        }
        try {
            return Reply.parseFrom(message);
        } catch (InvalidProtocolBufferException e) {
            throw new MalformedFrameException(
                    "sent a message that cannot be read (" + e.getMessage() + ")", shown(message, message.length));
        }
    }

    private int required() throws IOException {
        int value = in.read();
        if (value < 0) {
            throw new EOFException("the worker closed its stdout");
        }
        return value;
    }

    /** Whether a field of a reply can start with this byte. None of these bytes is a printable character. */
    private static boolean startsReply(byte first) {
        return first == Reply.ID_FIELD_NUMBER << 3
                || first == (Reply.HELLO_FIELD_NUMBER << 3 | 2)
                || first == (Reply.SCORES_FIELD_NUMBER << 3 | 2)
                || first == (byte) (Reply.GRADIENT_FIELD_NUMBER << 3 | 2 | 0x80)
                || first == (byte) (Reply.FAILURE_FIELD_NUMBER << 3 | 2 | 0x80);
    }

    /** Shows the bytes received: these, and those available without waiting. */
    private MalformedFrameException malformed(String what, byte[] start, int length) throws IOException {
        byte[] shown = new byte[SHOWN];
        System.arraycopy(start, 0, shown, 0, length);
        int more = Math.min(in.available(), SHOWN - length);
        int read = more > 0 ? in.readNBytes(shown, length, more) : 0;
        return new MalformedFrameException(what, shown(shown, length + read));
    }

    /** Bytes in readable form: text as it is, other bytes in hexadecimal. */
    private static String shown(byte[] bytes, int length) {
        StringBuilder text = new StringBuilder();
        for (char c : new String(bytes, 0, Math.min(length, SHOWN), StandardCharsets.ISO_8859_1).toCharArray()) {
            text.append(
                    c >= ' ' && c < 0x7f
                            ? String.valueOf(c)
                            : c == '\n' ? "\\n" : String.format(Locale.ROOT, "\\x%02x", (int) c));
        }
        return text.toString();
    }

    /** Bytes on stdout that are not a reply; {@link #getMessage} is the predicate of "the worker". */
    static final class MalformedFrameException extends IOException {
        private static final long serialVersionUID = 1L;

        MalformedFrameException(String what, String shown) {
            super(what + ": \"" + shown + "\"");
        }
    }
}
