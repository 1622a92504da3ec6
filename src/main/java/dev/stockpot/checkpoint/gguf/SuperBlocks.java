package dev.stockpot.checkpoint.gguf;

/**
 * Blocks of 256 values in parts of 16 or 32, whose scales are small integers times one scale of the block ({@code block_q2_K}
 * to {@code block_q6_K} in ggml-common.h). Bits of values that are 32 apart share a byte.
 */
final class SuperBlocks {
    private static final int ALL = 256;
    private static final int HALF = 128;

    private SuperBlocks() {}

    /** 16 parts of 16; a byte has the scale and the offset of each. */
    static void q2(Block block, float[] values, int out) {
        int twos = 16;
        float scale = block.half(80);
        float offset = block.half(82);
        for (int k = 0; k < ALL; k++) {
            int part = block.at(k / 16);
            int two = block.at(twos + k / HALF * 32 + k % 32) >> k % HALF / 32 * 2 & 3;
            values[out + k] = scale * (part & 0xF) * two - offset * (part >> 4);
        }
    }

    /** 16 parts of 16; scales of 6 bits in 12 bytes. */
    static void q3(Block block, float[] values, int out) {
        int twos = 32;
        float scale = block.half(108);
        for (int k = 0; k < ALL; k++) {
            int high = block.at(k % 32) >> k / 32 & 1;
            int two = block.at(twos + k / HALF * 32 + k % 32) >> k % HALF / 32 * 2 & 3;
            values[out + k] = scale * (threeScale(block, k / 16) - 32) * (two - (1 - high) * 4);
        }
    }

    /** Four low bits in bytes 96 to 103, two parts a byte; two high ones in 104 to 107, four parts a byte. */
    private static int threeScale(Block block, int part) {
        int low = block.at(96 + part % 8) >> part / 8 * 4 & 0xF;
        int high = block.at(104 + part % 4) >> part / 4 * 2 & 3;
        return low | high << 4;
    }

    /** 8 parts of 32, the low and high halves of bytes in turn. */
    static void q4(Block block, float[] values, int out) {
        int fours = 16;
        float scale = block.half(0);
        float offset = block.half(2);
        for (int part = 0; part < 8; part++) {
            float times = scale * scaleOf(block, part);
            float minus = offset * offsetOf(block, part);
            for (int k = 0; k < 32; k++) {
                int four = block.at(fours + part / 2 * 32 + k) >> part % 2 * 4 & 0xF;
                values[out + part * 32 + k] = times * four - minus;
            }
        }
    }

    /** As Q4_K, and the fifth bits of part p are bit p of 32 bytes. */
    static void q5(Block block, float[] values, int out) {
        int fifths = 16;
        int fours = 48;
        float scale = block.half(0);
        float offset = block.half(2);
        for (int part = 0; part < 8; part++) {
            float times = scale * scaleOf(block, part);
            float minus = offset * offsetOf(block, part);
            for (int k = 0; k < 32; k++) {
                int four = block.at(fours + part / 2 * 32 + k) >> part % 2 * 4 & 0xF;
                int five = four | (block.at(fifths + k) >> part & 1) << 4;
                values[out + part * 32 + k] = times * five - minus;
            }
        }
    }

    /** The scale of a part in Q4_K and Q5_K: 6 bits, those of the last four parts in two places. */
    private static int scaleOf(Block block, int part) {
        return part < 4 ? block.at(4 + part) & 63 : block.at(8 + part) & 0xF | block.at(part) >> 6 << 4;
    }

    private static int offsetOf(Block block, int part) {
        return part < 4 ? block.at(8 + part) & 63 : block.at(8 + part) >> 4 | block.at(4 + part) >> 6 << 4;
    }

    /** 16 parts of 16 with signed scales; four low bits, two high ones. */
    static void q6(Block block, float[] values, int out) {
        int twos = 128;
        int scales = 192;
        float scale = block.half(208);
        for (int k = 0; k < ALL; k++) {
            int half = k / HALF;
            int quarter = k % HALF / 32;
            int l = k % 32;
            int low = block.at(half * 64 + quarter % 2 * 32 + l) >> quarter / 2 * 4 & 0xF;
            int high = block.at(twos + half * 32 + l) >> quarter * 2 & 3;
            values[out + k] = scale * block.signed(scales + k / 16) * ((low | high << 4) - 32);
        }
    }
}
