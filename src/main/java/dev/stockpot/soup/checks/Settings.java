package dev.stockpot.soup.checks;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import dev.stockpot.checkpoint.file.FileSlice;
import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.tensor.FileVersion;
import dev.stockpot.text.Figures;
import dev.stockpot.text.JsonValues;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model's settings: those in a JSON file beside the weights, or in their metadata.
 *
 * @param file where they are from
 * @param values by key, as {@link JsonValues} reads them; null if the file is no JSON object
 */
record Settings(Path file, Map<String, Object> values) {
    /** What an absent setting, and one that is null, is called. */
    static final String NONE = "null";

    /** Much longer than any: with the names of 20,000 classes a config has 1 MB. */
    private static final int MAX_BYTES = 16 << 20;

    /** Longest value in a message. */
    private static final int LONGEST = 80;

    /** Python writes infinities and NaN. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    /** The bytes of a file; null if there is none that can be read. */
    static byte[] bytes(Path file) {
        try {
            if (FileVersion.of(file).size() > MAX_BYTES) {
                return null;
            }
            try (RandomFile in = RandomFile.open(file)) {
                return new FileSlice(in, 0, in.size()).readNBytes(MAX_BYTES);
            }
        } catch (IOException e) {
            return null;
        }
    }

    /** Those in the bytes of {@code file}. */
    static Settings of(Path file, byte[] bytes) {
        try (JsonParser json = JSON.createParser(new String(bytes, StandardCharsets.UTF_8))) {
            json.nextToken();
            if (json.currentToken() != null && JsonValues.read(json) instanceof Map<?, ?> read) {
                Map<String, Object> values = new LinkedHashMap<>();
                read.forEach((key, value) -> values.put((String) key, value));
                return new Settings(file, values);
            }
        } catch (IOException e) {
            // Damaged or cut off.
        }
        return new Settings(file, null);
    }

    /** The value of a key, {@code otherwise} if there is none. */
    Object get(String key, Object otherwise) {
        return values.getOrDefault(key, otherwise);
    }

    /** Sentences, the first {@code shown} of them. */
    static String list(Collection<String> sentences, int shown) {
        List<String> some = List.copyOf(sentences).subList(0, Math.min(shown, sentences.size()));
        String more = sentences.size() > shown ? "; and " + (sentences.size() - shown) + " more" : "";
        return String.join("; ", some) + more;
    }

    /** Whether there is a value for one of {@code keys}. */
    boolean hasAny(List<String> keys) {
        for (String key : keys) {
            if (values.containsKey(key)) {
                return true;
            }
        }
        return false;
    }

    /** A value as a message shows it. */
    static String text(Object value) {
        StringBuilder text = new StringBuilder();
        write(value, text);
        return Figures.shortened(text.toString(), LONGEST);
    }

    private static void write(Object value, StringBuilder text) {
        if (value instanceof Map<?, ?> map) {
            String comma = "{";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                text.append(comma).append(entry.getKey()).append(": ");
                write(entry.getValue(), text);
                comma = ", ";
            }
            text.append(map.isEmpty() ? "{}" : "}");
        } else if (value instanceof List<?> list) {
            String comma = "[";
            for (Object element : list) {
                text.append(comma);
                write(element, text);
                comma = ", ";
            }
            text.append(list.isEmpty() ? "[]" : "]");
        } else {
            text.append(
                    value instanceof Double number && number == Math.rint(number) ? number.longValue() + "" : value);
        }
    }
}
