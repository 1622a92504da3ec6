package dev.stockpot.engine.write;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.stockpot.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an output's config.json states otherwise than its input's: loaders build a model by it, and convert weights to its type.
 *
 * @param dtype the type of the weights, if it is another one or was asked for
 * @param rows the new numbers of rows of tensors by the old ones; a vocabulary of an old size gets the new one
 * @param layers how many layers there are, if that was asked for
 */
record ConfigEdits(Optional<DType> dtype, Map<Long, Long> rows, Optional<Integer> layers) {
    private static final Set<String> LAYERS = Set.of("num_hidden_layers", "n_layer", "n_layers", "num_layers");

    /** Whether nothing is to be changed. */
    boolean isNone() {
        return dtype.isEmpty() && rows.isEmpty() && layers.isEmpty();
    }

    /**
     * Changes those values, at the top or in {@code text_config}, and keeps every other byte.
     *
     * @param config the text; returned as it is if it states none of them, states the same already, or is not JSON
     */
    byte[] in(byte[] config) {
        ByteArrayOutputStream edited = new ByteArrayOutputStream(config.length + 16);
        int copied = 0;
        try (JsonParser json = new JsonFactory().createParser(config)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return config;
            }
            int depth = 1;
            while (depth > 0) {
                JsonToken token = json.nextToken();
                if (token == JsonToken.END_OBJECT) {
                    depth--;
                    continue;
                }
                String name = json.currentName();
                JsonToken value = json.nextToken();
                if (value == JsonToken.START_OBJECT && depth == 1 && name.equals("text_config")) {
                    depth++;
                    continue;
                }
                int from = (int) json.currentTokenLocation().getByteOffset();
                if (from < 0) {
                    // It is not in UTF-8, which JSON has to be in, so where a value is cannot be told.
                    return config;
                }
                Optional<String> other = other(json, name, value);
                if (other.isPresent()) {
                    edited.write(config, copied, from - copied);
                    edited.writeBytes(other.get().getBytes(StandardCharsets.UTF_8));
                    copied = (int) json.currentLocation().getByteOffset();
                }
                json.skipChildren();
            }
        } catch (IOException e) {
            return config;
        }
        edited.write(config, copied, config.length - copied);
        byte[] whole = edited.toByteArray();
        return Arrays.equals(whole, config) ? config : whole;
    }

    /** What a value becomes, as JSON; empty if it stays. */
    private Optional<String> other(JsonParser json, String name, JsonToken value) throws IOException {
        if (value == JsonToken.VALUE_STRING && (name.equals("torch_dtype") || name.equals("dtype"))) {
            String stated = json.getText(); // Also moves to its end.
            String prefix = stated.startsWith("torch.") ? "torch." : "";
            return dtype.map(type -> '"' + prefix + name(type) + '"');
        }
        if (value != JsonToken.VALUE_NUMBER_INT) {
            return Optional.empty();
        }
        if (LAYERS.contains(name)) {
            return layers.map(String::valueOf);
        }
        return name.equals("vocab_size")
                ? Optional.ofNullable(rows.get(json.getLongValue())).map(String::valueOf)
                : Optional.empty();
    }

    /** The float type that a configuration states, by PyTorch's name; empty if it states none. */
    static Optional<String> stated(Map<?, ?> config) {
        Object value = config.get("torch_dtype") instanceof String ? config.get("torch_dtype") : config.get("dtype");
        String name = value instanceof String text ? text.replaceFirst("^torch\\.", "") : "";
        return name.startsWith("float") || name.startsWith("bfloat") ? Optional.of(name) : Optional.empty();
    }

    /** PyTorch's name. */
    static String name(DType dtype) {
        return switch (dtype) {
            case F64 -> "float64";
            case F32 -> "float32";
            case F16 -> "float16";
            case BF16 -> "bfloat16";
            case F8_E4M3 -> "float8_e4m3fn";
            case F8_E5M2 -> "float8_e5m2";
            default -> throw new IllegalArgumentException(dtype + " is not a float type");
        };
    }
}
