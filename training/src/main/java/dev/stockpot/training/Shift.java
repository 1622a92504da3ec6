package dev.stockpot.training;

import java.util.Random;

/** Ways in which test images differ from those that a network was trained on, each at one strength. */
enum Shift {
    /** Gaussian noise of standard deviation 45 of 255. */
    NOISE {
        @Override
        byte[] of(byte[] image, Random random) {
            return each((x, y) -> at(image, x, y) + 45 * random.nextGaussian());
        }
    },
    /** A Gaussian blur of standard deviation 1.3 pixels. */
    BLUR {
        @Override
        byte[] of(byte[] image, Random random) {
            return each((x, y) -> {
                double sum = 0;
                double weights = 0;
                for (int dy = -3; dy <= 3; dy++) {
                    for (int dx = -3; dx <= 3; dx++) {
                        double weight = Math.exp(-(dx * dx + dy * dy) / (2 * 1.3 * 1.3));
                        sum += weight * at(image, x + dx, y + dy);
                        weights += weight;
                    }
                }
                return sum / weights;
            });
        }
    },
    /** A third of the contrast, around grey. */
    CONTRAST {
        @Override
        byte[] of(byte[] image, Random random) {
            return each((x, y) -> 90 + (at(image, x, y) - 90) * 0.33);
        }
    },
    /** Up to 5 pixels either way. */
    TRANSLATION {
        @Override
        byte[] of(byte[] image, Random random) {
            int dx = random.nextInt(11) - 5;
            int dy = random.nextInt(11) - 5;
            return each((x, y) -> at(image, x - dx, y - dy));
        }
    },
    /** Up to 35 degrees either way, around the middle. */
    ROTATION {
        @Override
        byte[] of(byte[] image, Random random) {
            double angle = Math.toRadians(70 * random.nextDouble() - 35);
            double sin = StrictMath.sin(angle);
            double cos = StrictMath.cos(angle);
            double middle = (Images.SIDE - 1) / 2.0;
            return each((x, y) -> {
                double fromX = middle + cos * (x - middle) + sin * (y - middle);
                double fromY = middle - sin * (x - middle) + cos * (y - middle);
                int left = (int) Math.floor(fromX);
                int top = (int) Math.floor(fromY);
                double right = fromX - left;
                double below = fromY - top;
                return (1 - below) * ((1 - right) * at(image, left, top) + right * at(image, left + 1, top))
                        + below * ((1 - right) * at(image, left, top + 1) + right * at(image, left + 1, top + 1));
            });
        }
    };

    /** A changed copy. */
    abstract byte[] of(byte[] image, Random random);

    /** Changed copies of all images; {@code seed} seeds the random numbers. */
    Images of(Images images, long seed) {
        Random random = new Random(seed);
        byte[][] changed = new byte[images.size()][];
        for (int i = 0; i < changed.length; i++) {
            changed[i] = of(images.pixels()[i], random);
        }
        return new Images(changed, images.labels(), images.classes());
    }

    /** A pixel's new value. */
    private interface Pixel {
        double value(int x, int y);
    }

    private static byte[] each(Pixel pixel) {
        byte[] image = new byte[Images.SIDE * Images.SIDE];
        for (int y = 0; y < Images.SIDE; y++) {
            for (int x = 0; x < Images.SIDE; x++) {
                image[y * Images.SIDE + x] = (byte) Math.max(0, Math.min(255, Math.round(pixel.value(x, y))));
            }
        }
        return image;
    }

    /** A pixel, black outside. */
    private static int at(byte[] image, int x, int y) {
        boolean inside = x >= 0 && x < Images.SIDE && y >= 0 && y < Images.SIDE;
        return inside ? image[y * Images.SIDE + x] & 0xff : 0;
    }
}
