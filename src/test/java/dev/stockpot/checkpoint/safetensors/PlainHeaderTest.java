package dev.stockpot.checkpoint.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.tensor.FileSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares the plain parser with the general JSON parser, which reads every header. */
class PlainHeaderTest {
    private static final String PLAIN = "{\"__metadata__\":{\"format\":\"pt\",\"by\":\"a b\"},"
            + "\"bias\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[0,8]},"
            + "\"h.0.weight\":{\"dtype\":\"BF16\",\"shape\":[2,3,4],\"data_offsets\":[8,56]},"
            + "\"h.1.weight\":{\"dtype\":\"BF16\",\"shape\":[2,3,4],\"data_offsets\":[56,104]},"
            + "\"none\":{\"dtype\":\"F32\",\"shape\":[10,0],\"data_offsets\":[104,104]}}";
    private static final long VALUES = 104;
    private static final PlainHeader.Entries NOWHERE = new PlainHeader.Entries() {
        @Override
        public void metadata(Map<String, String> entries) {}

        @Override
        public void tensor(String name, String dtype, long[] shape, long[] offsets) {}
    };

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, PLAIN + "   "})
    void readsWhatTheFormatsLibraryWrites(String header) {
        assertTrue(new PlainHeader(bytes(header)).read(NOWHERE));
        String outcome = outcome(header, true);
        assertEquals(outcome(header, false), outcome);
        assertTrue(outcome.contains("h.1.weight") && outcome.contains("by=a b"), outcome);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "{\"__metadata__\":{}}",
                "{\"a\":{\"shape\":[1],\"dtype\":\"U8\",\"data_offsets\":[0,1]}}",
                "{\"a\": {\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
                "{\"\\u0061\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
                "{\"\u00e9\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[01],\"data_offsets\":[0,1]}}",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[1234567890123456789],\"data_offsets\":[0,1]}}",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[1,],\"data_offsets\":[0,1]}}",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},}",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}\n",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}"
            })
    void leavesAnyOtherHeaderToTheGeneralParser(String header) {
        assertFalse(new PlainHeader(bytes(header)).read(NOWHERE));
        assertEquals(outcome(header, false), outcome(header, true));
    }

    @Test
    void agreesWithTheGeneralParserOnDamagedHeaders() {
        Random random = new Random(7);
        String likely = "\"{}[],:0123456789 \\aF";
        int read = 0;
        for (int k = 0; k < 20_000; k++) {
            StringBuilder damaged = new StringBuilder(PLAIN);
            for (int edits = 1 + random.nextInt(2); edits > 0; edits--) {
                int at = random.nextInt(damaged.length());
                char other = likely.charAt(random.nextInt(likely.length()));
                switch (random.nextInt(4)) {
                    case 0 -> damaged.setCharAt(at, other);
                    case 1 -> damaged.insert(at, other);
                    case 2 -> damaged.deleteCharAt(at);
                    // Repeats a part: names, fields and entries that are there already.
                    default ->
                        damaged.insert(
                                at, damaged.substring(at, Math.min(damaged.length(), at + 1 + random.nextInt(70))));
                }
            }
            String header = damaged.toString();
            String outcome = outcome(header, true);
            assertEquals(outcome(header, false), outcome, header);
            read += outcome.startsWith("read") ? 1 : 0;
        }
        assertTrue(read > 1_000 && read < 19_000, () -> "damaged too rarely or too often");
    }

    /** The result of reading a header, or the message of its refusal. */
    private static String outcome(String header, boolean plain) {
        byte[] bytes = bytes(header);
        HeaderParser parser = new HeaderParser(
                new FileSource(Path.of("a")), bytes, SafetensorsHeader.LENGTH_BYTES + bytes.length + VALUES);
        try {
            return "read " + (plain ? parser.parse() : parser.parseJson());
        } catch (CheckpointException e) {
            return e.getMessage();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
