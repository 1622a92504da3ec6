package dev.stockpot.evaluate.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import dev.stockpot.tensor.DType;

/** The library itself: its loading, element types and error messages. */
final class OnnxRuntime {
    static final String ARTIFACT = "add com.microsoft.onnxruntime:onnxruntime";

    private OnnxRuntime() {}

    /**
     * Loads the library if it is not loaded yet.
     *
     * @throws LinkageError if a part is missing
     */
    static void load() {
        environment();
    }

    /** The one that the process has, which says nothing of itself: its errors come as exceptions. */
    static OrtEnvironment environment() {
        return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "stockpot");
    }

    /** Whether its Java interface takes tensors of a type. */
    static boolean takes(DType dtype) {
        return type(dtype) != OnnxJavaType.UNKNOWN;
    }

    /** Its name of an element type; {@code UNKNOWN} if it has none. */
    static OnnxJavaType type(DType dtype) {
        return switch (dtype) {
            case F32 -> OnnxJavaType.FLOAT;
            case F64 -> OnnxJavaType.DOUBLE;
            case F16 -> OnnxJavaType.FLOAT16;
            case BF16 -> OnnxJavaType.BFLOAT16;
            case I8 -> OnnxJavaType.INT8;
            case U8 -> OnnxJavaType.UINT8;
            case I16 -> OnnxJavaType.INT16;
            case I32 -> OnnxJavaType.INT32;
            case I64 -> OnnxJavaType.INT64;
            case BOOL -> OnnxJavaType.BOOL;
            default -> OnnxJavaType.UNKNOWN;
        };
    }

    /** Stockpot's name of a float type; null if it is none. */
    static DType floats(OnnxJavaType type) {
        return switch (type) {
            case FLOAT -> DType.F32;
            case DOUBLE -> DType.F64;
            case FLOAT16 -> DType.F16;
            case BFLOAT16 -> DType.BF16;
            default -> null;
        };
    }

    /** What went wrong, on one line. */
    static String reason(OrtException e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        return message.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
