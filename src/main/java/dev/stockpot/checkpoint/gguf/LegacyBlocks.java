package dev.stockpot.checkpoint.gguf;

/**
 * Blocks of 32 values with one scale ({@code block_q4_0} to {@code block_q8_0} in ggml-common.h): small integers times the
 * scale, those of Q4_1 and Q5_1 plus an offset. Nibbles hold the first half of a block in their low bits, the second in their
 * high ones; the fifth bits of Q5 are together.
 */
final class LegacyBlocks {
    private static final int HALF = 16;

    private LegacyBlocks() {}

    static void q4(Block block, float[] values, int out) {
        float scale = block.half(0);
        for (int j = 0; j < HALF; j++) {
            int pair = block.at(2 + j);
            values[out + j] = ((pair & 0xF) - 8) * scale;
            values[out + j + HALF] = ((pair >> 4) - 8) * scale;
        }
    }

    static void q4Offset(Block block, float[] values, int out) {
        float scale = block.half(0);
        float offset = block.half(2);
        for (int j = 0; j < HALF; j++) {
            int pair = block.at(4 + j);
            values[out + j] = (pair & 0xF) * scale + offset;
            values[out + j + HALF] = (pair >> 4) * scale + offset;
        }
    }

    static void q5(Block block, float[] values, int out) {
        float scale = block.half(0);
        int fifth = fifthBits(block, 2);
        for (int j = 0; j < HALF; j++) {
            int pair = block.at(6 + j);
            values[out + j] = ((pair & 0xF | (fifth >>> j & 1) << 4) - 16) * scale;
            values[out + j + HALF] = ((pair >> 4 | (fifth >>> j + HALF & 1) << 4) - 16) * scale;
        }
    }

    static void q5Offset(Block block, float[] values, int out) {
        float scale = block.half(0);
        float offset = block.half(2);
        int fifth = fifthBits(block, 4);
        for (int j = 0; j < HALF; j++) {
            int pair = block.at(8 + j);
            values[out + j] = (pair & 0xF | (fifth >>> j & 1) << 4) * scale + offset;
            values[out + j + HALF] = (pair >> 4 | (fifth >>> j + HALF & 1) << 4) * scale + offset;
        }
    }

    static void q8(Block block, float[] values, int out) {
        float scale = block.half(0);
        for (int j = 0; j < 2 * HALF; j++) {
            values[out + j] = block.signed(2 + j) * scale;
        }
    }

    /** They are bytes to ggml, whatever the file's order. */
    private static int fifthBits(Block block, int at) {
        return block.at(at) | block.at(at + 1) << 8 | block.at(at + 2) << 16 | block.at(at + 3) << 24;
    }
}
