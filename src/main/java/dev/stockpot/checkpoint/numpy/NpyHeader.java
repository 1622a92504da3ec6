package dev.stockpot.checkpoint.numpy;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.DType;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * What is before an array's values (NumPy, {@code numpy/lib/format.py}, versions 1.0 to 3.0): a magic string, a length, and a
 * Python dict of {@code descr}, {@code fortran_order} and {@code shape}.
 *
 * @param descr the type of the elements as NumPy writes it; empty for a structure of several
 * @param fortran whether the first index changes fastest
 * @param shape sizes by dimension
 * @param bytes length of all that is before the values
 */
record NpyHeader(String descr, boolean fortran, List<Long> shape, int bytes) {
    static final String MAGIC = "\u0093NUMPY";

    private static final int PREFIX = MAGIC.length() + 2;
    /** NumPy itself reads no header of more than 10,000 bytes. */
    private static final int LONGEST = 1 << 16;
    /** The values begin at a multiple of this many bytes (ARRAY_ALIGN). */
    private static final int ALIGNMENT = 64;

    /**
     * Reads the header at the start of {@code in}.
     *
     * @param array what it is called, for errors
     * @throws CheckpointException if it is not valid
     */
    static NpyHeader read(Path file, String array, InputStream in) throws IOException {
        byte[] start = exactly(file, array, in, PREFIX);
        if (!new String(start, 0, MAGIC.length(), StandardCharsets.ISO_8859_1).equals(MAGIC)) {
            throw damaged(file, array, "does not begin like an array of NumPy");
        }
        int major = start[MAGIC.length()];
        if (major < 1 || major > 3 || start[MAGIC.length() + 1] != 0) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    file,
                    Printable.name(array) + " is of version " + major + "." + start[MAGIC.length() + 1]
                            + " of NumPy's format, which is not known",
                    Details.of().tensor(array));
        }
        int lengthBytes = major == 1 ? Short.BYTES : Integer.BYTES;
        ByteBuffer length =
                ByteBuffer.wrap(exactly(file, array, in, lengthBytes)).order(ByteOrder.LITTLE_ENDIAN);
        long stated = major == 1 ? length.getShort(0) & 0xFFFF : length.getInt(0) & 0xFFFFFFFFL;
        if (stated > LONGEST) {
            throw damaged(file, array, "claims a header of " + stated + " bytes, more than the " + LONGEST + " read");
        }
        byte[] dict = exactly(file, array, in, (int) stated);
        String text = new String(dict, major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
        return new DictParser(file, array, text).parse(PREFIX + lengthBytes + dict.length);
    }

    private static byte[] exactly(Path file, String array, InputStream in, int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw damaged(file, array, "ends within its header: it is truncated");
        }
        return bytes;
    }

    static CheckpointException damaged(Path file, String array, String what) {
        return new CheckpointException(
                Reason.DAMAGED,
                file,
                Printable.name(array) + " " + what,
                Details.of().tensor(array));
    }

    /**
     * A header as {@code numpy.save} writes it, of version 1.0, for values in row-major order.
     */
    static byte[] of(String descr, List<Long> shape) {
        StringBuilder sizes = new StringBuilder();
        for (long size : shape) {
            sizes.append(sizes.length() == 0 ? "" : ", ").append(size);
        }
        String tuple = "(" + sizes + (shape.size() == 1 ? ",)" : ")");
        String dict = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + tuple + ", }";
        int before = PREFIX + Short.BYTES;
        int total = (before + dict.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        ByteBuffer out = ByteBuffer.allocate(total).order(ByteOrder.LITTLE_ENDIAN);
        out.put(MAGIC.getBytes(StandardCharsets.ISO_8859_1)).put((byte) 1).put((byte) 0);
        out.putShort((short) (total - before)).put(dict.getBytes(StandardCharsets.US_ASCII));
        while (out.remaining() > 1) {
            out.put((byte) ' ');
        }
        return out.put((byte) '\n').array();
    }

    /** The type of the elements; null if it is none that tensors have. */
    DType dtype() {
        return NpyTypes.of(descr);
    }

    /** Whether the elements are big-endian. */
    boolean bigEndian() {
        return descr.startsWith(">");
    }

    /** Whether the values are Python objects, and so a pickle. */
    boolean objects() {
        return isObject(descr);
    }

    /** Whether a type is that of Python objects. */
    static boolean isObject(String type) {
        return type.equals("O") || type.length() == 2 && type.endsWith("O") || type.equals("object");
    }

    /** Bytes that the values take, of a known type. */
    long valueBytes() {
        long elements = 1;
        for (long size : shape) {
            elements = Math.multiplyExact(elements, size);
        }
        return dtype().bytes(elements);
    }
}
