package dev.stockpot.checkpoint.adapter;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.stockpot.checkpoint.file.FileSlice;
import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.FileVersion;
import dev.stockpot.text.JsonValues;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON object in a file: strict, of bounded size and depth.
 *
 * @param file where it is
 * @param values by key, as {@link JsonValues} reads them: a null is the text {@code null}
 * @param bytes the file's
 */
public record ConfigJson(Path file, Map<String, Object> values, byte[] bytes) {
    /** Much longer than any: lists of all modules of the largest models have some 100 kB. */
    private static final int MAX_BYTES = 4 << 20;

    private static final int MAX_DEPTH = 64;

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build();

    /** A text that stands for null. */
    private static final String NULL = "null";

    static ConfigJson read(Path file) {
        byte[] bytes = bytes(file);
        try (JsonParser json = JSON.createParser(bytes)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw damaged(file, "is no JSON object", null);
            }
            Map<String, Object> values = new LinkedHashMap<>();
            ((Map<?, ?>) JsonValues.read(json)).forEach((key, value) -> values.put((String) key, value));
            if (json.nextToken() != null) {
                throw damaged(file, "goes on after its JSON object", null);
            }
            return new ConfigJson(file, values, bytes);
        } catch (JsonProcessingException e) {
            throw damaged(file, "is not valid JSON: " + JsonValues.fault(e), e);
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            if (FileVersion.of(file).size() > MAX_BYTES) {
                throw new CheckpointException(
                        Reason.DAMAGED,
                        file,
                        "is larger than " + MAX_BYTES + " bytes, which no adapter's settings are");
            }
            try (RandomFile in = RandomFile.open(file)) {
                return new FileSlice(in, 0, in.size()).readNBytes(MAX_BYTES);
            }
        } catch (NoSuchFileException e) {
            throw new CheckpointException(
                    Reason.NOT_FOUND,
                    file,
                    "does not exist, and without an adapter's settings its weights say nothing",
                    Details.of().cause(e));
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        }
    }

    private static CheckpointException damaged(Path file, String why, Throwable cause) {
        return new CheckpointException(Reason.DAMAGED, file, why, Details.of().cause(cause));
    }

    /** A number; empty if there is none of that name, or it is null. */
    Optional<Double> number(String key) {
        return value(key).map(value -> asNumber(key, value));
    }

    /** Numbers by name. */
    Map<String, Double> numbers(String key) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        if (value(key).isPresent()) {
            if (!(values.get(key) instanceof Map<?, ?> map)) {
                throw damaged(file, key + " is no object of numbers", null);
            }
            map.forEach((name, value) -> numbers.put((String) name, asNumber(key + "." + name, value)));
        }
        return numbers;
    }

    private double asNumber(String key, Object value) {
        if (value instanceof Double number && Double.isFinite(number)) {
            return number;
        }
        String found = value instanceof String text ? "the text \"" + Printable.name(text) + "\"" : plain(value);
        throw damaged(file, Printable.name(key) + " should be a finite number but is " + found, null);
    }

    /** A text; empty if it is something else. */
    Optional<String> text(String key) {
        return value(key).filter(String.class::isInstance).map(String.class::cast);
    }

    /** Whether there is a value other than null, false, and an empty list or object. */
    boolean isOn(String key) {
        Object value = value(key).orElse(false);
        return !value.equals(false)
                && !(value instanceof Map<?, ?> map && map.isEmpty())
                && !(value instanceof Iterable<?> list && !list.iterator().hasNext());
    }

    /** What a key has; empty if there is no such key, or it has null. */
    public Optional<Object> value(String key) {
        return Optional.ofNullable(values.get(key)).filter(value -> !value.equals(NULL));
    }

    /** As a person writes it. */
    static String plain(Object value) {
        return value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15
                ? Long.toString((long) (double) number)
                : String.valueOf(value);
    }
}
