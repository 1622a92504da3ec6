package dev.stockpot.cli.options;

import dev.stockpot.tensor.DType;
import dev.stockpot.text.Nearest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Float types by the names that people have for them: safetensors' own, PyTorch's, and the usual short ones. */
public final class DTypeName implements ITypeConverter<DType> {
    /** The names that help lists. */
    public static final List<String> NAMES = List.of("F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2");

    @Override
    public DType convert(String text) {
        String name = text.trim().toLowerCase(Locale.ROOT).replace('-', '_');
        return switch (name.startsWith("torch.") ? name.substring("torch.".length()) : name) {
            case "f64", "float64", "fp64", "double" -> DType.F64;
            case "f32", "float32", "fp32", "float", "single" -> DType.F32;
            case "f16", "float16", "fp16", "half" -> DType.F16;
            case "bf16", "bfloat16" -> DType.BF16;
            case "f8_e4m3", "f8_e4m3fn", "float8_e4m3", "float8_e4m3fn", "fp8_e4m3", "fp8_e4m3fn", "e4m3", "e4m3fn" ->
                DType.F8_E4M3;
            case "f8_e5m2", "float8_e5m2", "fp8_e5m2", "e5m2" -> DType.F8_E5M2;
            default ->
                throw new TypeConversionException("'" + text
                        + "' is not a float type, which an average needs: F64, F32,"
                        + " F16, BF16, F8_E4M3 or F8_E5M2, also as float32, half, bfloat16 and the like" + meant(name));
        };
    }

    private static String meant(String name) {
        List<String> names = new ArrayList<>(NAMES);
        names.addAll(List.of("float16", "float32", "bfloat16"));
        return Nearest.to(name, names)
                .filter(meant -> !name.contains("int"))
                .map(meant -> "; did you mean '" + meant + "'?")
                .orElse("");
    }
}
