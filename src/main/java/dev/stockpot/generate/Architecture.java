package dev.stockpot.generate;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Published models whose tensors can be generated. */
public enum Architecture {
    /** See {@link ClipVitB32}. */
    CLIP_VIT_B32("clip-vit-b32", 12, DType.F32, ClipVitB32::tensors),
    /** See {@link VitG14}. */
    VIT_G_14("vit-g-14", 48, DType.F32, VitG14::tensors),
    /** See {@link Bert}. */
    BERT_BASE("bert-base", 12, DType.F32, Bert::tensors),
    /** See {@link T5}. */
    T5_BASE("t5-base", 12, DType.F32, T5::tensors),
    /** See {@link Llama}. */
    LLAMA_7B("llama-7b", 32, DType.F16, Llama::tensors);

    private final String label;
    private final int layers;
    private final DType dtype;
    private final Tensors tensors;

    /** The tensors of a model with {@code layers} layers. */
    private interface Tensors {
        List<TensorSpec> of(int layers, DType dtype);
    }

    Architecture(String label, int layers, DType dtype, Tensors tensors) {
        this.label = label;
        this.layers = layers;
        this.dtype = dtype;
        this.tensors = tensors;
    }

    /**
     * The model named {@code name}.
     *
     * @throws IllegalArgumentException if there is none; the message lists all names
     */
    public static Architecture named(String name) {
        return Arrays.stream(values())
                .filter(a -> a.label.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("should be one of "
                        + Arrays.stream(values()).map(Architecture::label).collect(Collectors.joining(", "))
                        + " but got " + name));
    }

    /** Its name on the command line. */
    public String label() {
        return label;
    }

    /** The number of layers of the published model; of each tower or side if it has two. */
    public int layers() {
        return layers;
    }

    /** The type that it is published in. */
    public DType dtype() {
        return dtype;
    }

    List<TensorSpec> tensors(int count, DType type) {
        return tensors.of(count, type);
    }
}
