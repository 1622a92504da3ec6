package dev.stockpot.checkpoint.onnx;

import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * A tensor whose values are listed one by one in its message, as {@code int32_data} and the like. Types of 16 bits and fewer
 * are listed as numbers of 32: F16 by its bits.
 *
 * @param offset where its values go in the copy
 */
record Listed(Path file, TensorProto proto, TensorSpec spec, long offset) {
    private static final int BLOCK = 1 << 16;

    /** How many numbers list a tensor. */
    static long count(TensorSpec spec) {
        return switch (spec.dtype()) {
            case C64 -> spec.bytes() / Float.BYTES;
            case C128 -> spec.bytes() / Double.BYTES;
            case F4 -> spec.bytes();
            default -> spec.elements();
        };
    }

    /** Writes them to {@code into} as they are in memory. */
    void copy(RandomFile from, RandomFile into) throws IOException {
        ProtoInput in = new ProtoInput(file, from);
        in.again(proto.message());
        Block block = new Block(into);
        for (int field = in.field(); field != 0; field = in.field()) {
            if (field != proto.type().field()) {
                in.skip();
            } else if (in.wireType() == ProtoInput.BYTES) {
                long length = in.length();
                long to = in.position() + length;
                while (in.position() < to) {
                    block.add(in);
                }
            } else {
                block.add(in);
            }
        }
        block.finish();
    }

    private final class Block {
        private final ByteBuffer bytes = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
        private final RandomFile into;
        private final DType dtype = spec.dtype();
        private final int bits = Math.max(dtype.bits(), Byte.SIZE);
        private final long count = count(spec);
        private long done;
        private long at = offset;

        Block(RandomFile into) {
            this.into = into;
        }

        void add(ProtoInput in) throws IOException {
            if (done++ == count) {
                throw TensorProto.damaged(file, spec.name(), "has more values than its shape " + spec.shape());
            }
            if (bytes.remaining() < Long.BYTES) {
                flush();
            }
            switch (proto.type().field()) {
                case TensorProto.FLOAT_DATA -> bytes.putInt(in.fixed32());
                case TensorProto.DOUBLE_DATA -> bytes.putLong(in.fixed64());
                default -> put(in.varint());
            }
        }

        private void put(long value) {
            boolean fits = bits == Long.SIZE || (value >= -(1L << (bits - 1)) && value < 1L << bits);
            if (!fits) {
                throw TensorProto.damaged(file, spec.name(), "of " + proto.type() + " has the value " + value);
            }
            switch (bits) {
                case Byte.SIZE -> bytes.put((byte) value);
                case Short.SIZE -> bytes.putShort((short) value);
                case Integer.SIZE -> bytes.putInt((int) value);
                default -> bytes.putLong(value);
            }
        }

        private void flush() throws IOException {
            bytes.flip();
            int length = bytes.remaining();
            into.write(bytes, at);
            at += length;
            bytes.clear();
        }

        void finish() throws IOException {
            flush();
            if (done != count) {
                throw TensorProto.damaged(
                        file, spec.name(), "has " + done + " values but " + count + " by its shape " + spec.shape());
            }
        }
    }
}
