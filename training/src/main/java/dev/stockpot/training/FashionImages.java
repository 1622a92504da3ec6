package dev.stockpot.training;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Fashion-MNIST from the npm package {@code fashion-mnist}: a JSON file per class, {@code {"data": [[784 numbers], ...]}}. */
final class FashionImages {
    static final int CLASSES = 10;

    private FashionImages() {}

    /** Reads all 70,000 images, class by class; class 0 has two stray rows without pixels, which are left out. */
    static Images read(Path unpacked) throws IOException {
        List<byte[]> pixels = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (int label = 0; label < CLASSES; label++) {
            Path file = unpacked.resolve("package/src/clothes/" + label + ".json");
            try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
                while (json.nextToken() != JsonToken.START_ARRAY) {
                    if (json.currentToken() == null) {
                        throw new IOException(file + " holds no array of images");
                    }
                }
                while (json.nextToken() == JsonToken.START_ARRAY) {
                    byte[] image = new byte[Images.SIDE * Images.SIDE];
                    int length = 0;
                    while (json.nextToken() != JsonToken.END_ARRAY) {
                        image[length++] = (byte) json.getIntValue();
                    }
                    if (length == image.length) {
                        pixels.add(image);
                        labels.add(label);
                    }
                }
            }
        }
        return new Images(
                pixels.toArray(byte[][]::new),
                labels.stream().mapToInt(Integer::intValue).toArray(),
                CLASSES);
    }
}
