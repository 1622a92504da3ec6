package dev.stockpot.engine.write;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.stockpot.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The type of a model's weights as its config.json states it, which is the type that loaders convert them to. */
final class ConfigDtype {
    private ConfigDtype() {}

    /**
     * Changes the one value, {@code torch_dtype} or {@code dtype} at the top, and keeps every other byte.
     *
     * @param config the text; returned as it is if it states no type, states {@code dtype} already, or is not JSON
     */
    static byte[] stating(DType dtype, byte[] config) {
        ByteArrayOutputStream edited = new ByteArrayOutputStream(config.length + 16);
        int copied = 0;
        try (JsonParser json = new JsonFactory().createParser(config)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return config;
            }
            for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
                JsonToken value = json.nextToken();
                if (value == JsonToken.VALUE_STRING && (name.equals("torch_dtype") || name.equals("dtype"))) {
                    int from = (int) json.currentTokenLocation().getByteOffset();
                    String stated = json.getText();
                    int to = (int) json.currentLocation().getByteOffset();
                    String prefix = stated.startsWith("torch.") ? "torch." : "";
                    edited.write(config, copied, from - copied);
                    edited.writeBytes(('"' + prefix + name(dtype) + '"').getBytes(StandardCharsets.UTF_8));
                    copied = to;
                } else {
                    json.skipChildren();
                }
            }
        } catch (IOException e) {
            return config;
        }
        edited.write(config, copied, config.length - copied);
        byte[] whole = edited.toByteArray();
        return Arrays.equals(whole, config) ? config : whole;
    }

    /** PyTorch's name. */
    private static String name(DType dtype) {
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
