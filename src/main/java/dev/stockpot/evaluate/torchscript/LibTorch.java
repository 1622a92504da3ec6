package dev.stockpot.evaluate.torchscript;

import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.DType;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The library itself: its loading, element types, allocator and error messages. */
final class LibTorch {
    static final String ARTIFACTS =
            "add org.bytedeco:pytorch, and the artifacts with classifier linux-x86_64 (or this platform's) of"
                    + " org.bytedeco:pytorch, org.bytedeco:openblas and org.bytedeco:javacpp";
    static final String MEMORY_FLAGS =
            "start Java with -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 -Dorg.bytedeco.javacpp.maxBytes=0";

    private LibTorch() {}

    /**
     * Loads the library if it is not loaded yet, and sets how many threads it may use from now on in the whole process.
     *
     * @throws LinkageError if a part is missing
     */
    static void useThreads(int threads) {
        LibraryCache.loading(() -> setThreads(threads));
    }

    private static void setThreads(int threads) {
        torch.set_num_threads(threads);
        // libtorch multiplies matrices with OpenBLAS, which by default uses every processor for each product of each
        // job, and whose threads spin while they wait for each other: on a busy machine that costs several times the
        // work itself.
        openblas.blas_set_num_threads(threads);
    }

    /**
     * libtorch's name of an element type.
     *
     * @throws EvaluationException if libtorch has none
     */
    static ScalarType type(DType dtype, String what) {
        return switch (dtype) {
            case BOOL -> ScalarType.Bool;
            case U8 -> ScalarType.Byte;
            case I8 -> ScalarType.Char;
            case I16 -> ScalarType.Short;
            case U16 -> ScalarType.UInt16;
            case I32 -> ScalarType.Int;
            case U32 -> ScalarType.UInt32;
            case I64 -> ScalarType.Long;
            case U64 -> ScalarType.UInt64;
            case F8_E5M2 -> ScalarType.Float8_e5m2;
            case F8_E4M3 -> ScalarType.Float8_e4m3fn;
            case F16 -> ScalarType.Half;
            case BF16 -> ScalarType.BFloat16;
            case F32 -> ScalarType.Float;
            case F64 -> ScalarType.Double;
            case C64 -> ScalarType.ComplexFloat;
            case C128 -> ScalarType.ComplexDouble;
            case F4, F6_E2M3, F6_E3M2, F8_E8M0 ->
                throw new EvaluationException(
                        Reason.MODULE, what + " is " + dtype + ", which libtorch cannot compute with");
        };
    }

    /**
     * Stockpot's name of an element type.
     *
     * @throws EvaluationException if Stockpot has none
     */
    static DType dtype(ScalarType type, String what) {
        return switch (type.intern()) {
            case Bool -> DType.BOOL;
            case Byte -> DType.U8;
            case Char -> DType.I8;
            case Short -> DType.I16;
            case UInt16 -> DType.U16;
            case Int -> DType.I32;
            case UInt32 -> DType.U32;
            case Long -> DType.I64;
            case UInt64 -> DType.U64;
            case Float8_e5m2 -> DType.F8_E5M2;
            case Float8_e4m3fn -> DType.F8_E4M3;
            case Half -> DType.F16;
            case BFloat16 -> DType.BF16;
            case Float -> DType.F32;
            case Double -> DType.F64;
            case ComplexFloat -> DType.C64;
            case ComplexDouble -> DType.C128;
            default ->
                throw new EvaluationException(
                        Reason.MODULE,
                        what + " is of libtorch's type " + type.intern() + ", which no checkpoint holds");
        };
    }

    /** A contiguous tensor in CPU memory with undefined values; the caller closes it. */
    @SuppressWarnings("try")
    static Tensor empty(ScalarType type, long... shape) {
        try (PointerScope scope = new PointerScope()) {
            return torch.empty(shape, new TensorOptions(type), null).retainReference();
        }
    }

    /** The essential line of what libtorch threw, without the C++ and interpreter frames around it. */
    static String reason(Throwable thrown) {
        String text = String.valueOf(thrown.getMessage()).strip();
        int frames = text.indexOf("\nException raised from ");
        String[] lines = (frames < 0 ? text : text.substring(0, frames)).strip().split("\n");
        boolean interpreter = text.contains("Traceback of TorchScript");
        return (interpreter ? lines[lines.length - 1] : lines[0]).strip();
    }

    /** Explains JavaCPP's own memory limit if {@code error} reports it; otherwise throws {@code error} again. */
    static EvaluationException explained(OutOfMemoryError error, String what) {
        if (String.valueOf(error.getMessage()).contains("hysical")) {
            return new EvaluationException(
                    Reason.NO_MEMORY,
                    what
                            + ": JavaCPP allows this process no more memory, by default four times the Java heap, mapped files"
                            + " included",
                    Details.of().hint(MEMORY_FLAGS).cause(error));
        }
        throw error;
    }
}
