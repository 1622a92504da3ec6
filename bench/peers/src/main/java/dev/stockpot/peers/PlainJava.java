package dev.stockpot.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/** A loop over mapped buffers in plain Java, one thread, with Stockpot's arithmetic. */
final class PlainJava implements Peer {
    private static final int STEP = 1 << 16;

    @Override
    public void average(List<Path> models, Path out, int threads) throws IOException {
        List<ModelFile> files = Peer.open(models);
        try (SoupFile soup = new SoupFile(out, files.get(0))) {
            for (ModelFile.Entry first : files.get(0).tensors().values()) {
                ByteBuffer[] sources = new ByteBuffer[Peer.isFloat(first) ? files.size() : 1];
                for (int k = 0; k < sources.length; k++) {
                    sources[k] = files.get(k).map(files.get(k).tensors().get(first.name()));
                }
                if (Peer.isFloat(first)) {
                    average(first, sources, soup);
                } else {
                    soup.write(first.begin(), sources[0]);
                }
            }
        }
        for (ModelFile file : files) {
            file.close();
        }
    }

    private static void average(ModelFile.Entry tensor, ByteBuffer[] sources, SoupFile soup) throws IOException {
        int size = tensor.dtype().equals("F32") ? 4 : 2;
        ByteBuffer out = ByteBuffer.allocateDirect(STEP * size).order(ByteOrder.LITTLE_ENDIAN);
        long elements = tensor.bytes() / size;
        for (long from = 0; from < elements; from += STEP) {
            int count = (int) Math.min(STEP, elements - from);
            out.clear();
            switch (tensor.dtype()) {
                case "F32" -> f32(sources, (int) from, count, out);
                case "BF16" -> bf16(sources, (int) from, count, out);
                default -> f16(sources, (int) from, count, out);
            }
            soup.write(tensor.begin() + from * size, out.limit(count * size).position(0));
        }
    }

    private static void f32(ByteBuffer[] sources, int from, int count, ByteBuffer out) {
        for (int i = 0; i < count; i++) {
            double sum = 0;
            for (ByteBuffer source : sources) {
                sum += source.getFloat(4 * (from + i));
            }
            out.putFloat(4 * i, (float) (sum / sources.length));
        }
    }

    private static void bf16(ByteBuffer[] sources, int from, int count, ByteBuffer out) {
        for (int i = 0; i < count; i++) {
            float sum = 0;
            for (ByteBuffer source : sources) {
                sum += Float.intBitsToFloat(source.getShort(2 * (from + i)) << 16);
            }
            int bits = Float.floatToRawIntBits(sum / sources.length);
            out.putShort(2 * i, (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16));
        }
    }

    private static void f16(ByteBuffer[] sources, int from, int count, ByteBuffer out) {
        for (int i = 0; i < count; i++) {
            float sum = 0;
            for (ByteBuffer source : sources) {
                sum += HalfFloat.toFloat(source.getShort(2 * (from + i)));
            }
            out.putShort(2 * i, HalfFloat.of(sum / sources.length));
        }
    }
}
