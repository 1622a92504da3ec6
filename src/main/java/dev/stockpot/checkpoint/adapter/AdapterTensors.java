package dev.stockpot.checkpoint.adapter;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.NameList;
import dev.stockpot.text.Printable;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The tensors of an adapter by what they are.
 *
 * @param file that they are in
 * @param config what the adapter's settings say
 * @param modules by name
 * @param whole tensors that take the place of the model's own, by the name that they have there: {@code modules_to_save}, biases
 */
public record AdapterTensors(
        Path file, AdapterConfig config, Map<String, AdaptedModule> modules, Map<String, TensorInfo> whole) {
    private static final String PREFIX = "base_model.model.";

    /** What a factor is, by the end of its name. */
    private enum Part {
        A(".lora_A.weight"),
        B(".lora_B.weight"),
        BIAS(".lora_B.bias"),
        EMBEDDING_A(".lora_embedding_A"),
        EMBEDDING_B(".lora_embedding_B");

        private final String end;

        Part(String end) {
            this.end = end;
        }

        static Optional<Part> of(String name) {
            for (Part part : values()) {
                if (name.endsWith(part.end)) {
                    return Optional.of(part);
                }
            }
            return Optional.empty();
        }
    }

    /**
     * The tensors of an adapter whose settings are in the same directory; they are read now.
     *
     * @param path that was opened, for messages
     * @param weights one of the files of its tensors; empty if they are in none
     * @throws CheckpointException if there are no settings, they are not of a LoRA adapter, or the tensors are not its
     */
    public static AdapterTensors of(Path path, Optional<Path> weights, Collection<TensorInfo> tensors) {
        Path settings = weights.map(AdapterTensors::settings)
                .orElseThrow(() -> new CheckpointException(
                        Reason.NOT_FOUND,
                        path,
                        "is in no directory, so there is no " + AdapterConfig.FILE + " beside it"));
        return of(path, tensors, AdapterConfig.read(settings));
    }

    /** Where the settings should be. */
    public static Path settings(Path weights) {
        return weights.resolveSibling(AdapterConfig.FILE);
    }

    /**
     * Tells the tensors of an adapter apart.
     *
     * @throws CheckpointException if one is of another kind, lacks its other factor, or has another shape than the settings say
     */
    public static AdapterTensors of(Path file, Collection<TensorInfo> tensors, AdapterConfig config) {
        Map<String, Map<Part, TensorInfo>> factors = new LinkedHashMap<>();
        Map<String, TensorInfo> whole = new LinkedHashMap<>();
        for (TensorInfo tensor : tensors) {
            // The adapter's name is in there if it was saved by other means than PEFT's own.
            String name = tensor.name();
            if (name.contains(".lora_") || name.contains(".modules_to_save.")) {
                name = name.replaceFirst("\\.default(?=\\.|$)", "");
            }
            name = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
            Optional<Part> part = Part.of(name);
            if (part.isPresent()) {
                String module = name.substring(0, name.length() - part.get().end.length());
                TensorInfo other = factors.computeIfAbsent(module, m -> new LinkedHashMap<>())
                        .put(part.get(), tensor);
                checkOnce(file, tensor, other);
            } else {
                check(file, tensor);
                String own = name.replace(".modules_to_save.", ".").replace(".base_layer.", ".");
                checkOnce(file, tensor, whole.put(own, tensor));
            }
        }
        Map<String, AdaptedModule> modules = new LinkedHashMap<>();
        factors.forEach((name, parts) -> modules.put(name, module(file, name, parts, config)));
        if (modules.isEmpty()) {
            throw new CheckpointException(
                    Reason.DAMAGED,
                    file,
                    "has no factors of a LoRA adapter; its tensors are "
                            + NameList.of(tensors.stream().map(TensorInfo::name).toList()));
        }
        return new AdapterTensors(file, config, modules, whole);
    }

    private static void checkOnce(Path file, TensorInfo tensor, TensorInfo other) {
        if (other != null) {
            throw new CheckpointException(
                    Reason.NAMES_COLLIDE,
                    file,
                    "has two tensors, " + Printable.name(other.name()) + " and " + Printable.name(tensor.name())
                            + ", for one of the model",
                    Details.of().tensor(tensor.name()));
        }
    }

    /** Refuses what is a part of an adapter, but no factor. */
    private static void check(Path file, TensorInfo tensor) {
        String name = tensor.name();
        String why = name.contains("lora_magnitude_vector")
                ? "a magnitude of DoRA, which also scales the columns of every weight"
                : name.contains("trainable_tokens_delta")
                        ? "embeddings of single tokens (trainable_token_indices)"
                        : name.contains("lora_") ? "no factor of a plain LoRA layer" : null;
        if (why != null) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    file,
                    "has a tensor " + Printable.name(name) + ": " + why,
                    Details.of().tensor(name).hint("merge it into its base with PEFT (merge_and_unload)"));
        }
    }

    private static AdaptedModule module(Path file, String name, Map<Part, TensorInfo> parts, AdapterConfig config) {
        boolean embedding = parts.containsKey(Part.EMBEDDING_A) || parts.containsKey(Part.EMBEDDING_B);
        TensorInfo a = parts.get(embedding ? Part.EMBEDDING_A : Part.A);
        TensorInfo b = parts.get(embedding ? Part.EMBEDDING_B : Part.B);
        Optional<TensorInfo> bias = Optional.ofNullable(parts.get(Part.BIAS));
        if (a == null || b == null || parts.size() != (bias.isPresent() ? 3 : 2) || embedding && bias.isPresent()) {
            TensorInfo any = parts.values().iterator().next();
            throw new CheckpointException(
                    Reason.DAMAGED,
                    file,
                    "has for module " + Printable.name(name) + " not one factor A and one B but "
                            + NameList.of(parts.values().stream()
                                    .map(TensorInfo::name)
                                    .toList()),
                    Details.of().tensor(any.name()));
        }
        checkType(file, a);
        checkType(file, b);
        bias.ifPresent(tensor -> checkType(file, tensor));
        boolean convolution = a.shape().size() > 2;
        boolean fits = a.shape().size() >= 2
                && b.shape().size() == a.shape().size()
                && a.elements() > 0
                && b.elements() > 0
                && a.shape().get(0) <= AdapterConfig.LARGEST_RANK
                && a.shape().get(0).equals(b.shape().get(1))
                && (!convolution
                        || b.shape().subList(2, b.shape().size()).stream().allMatch(size -> size == 1))
                && !(convolution && embedding)
                && (bias.isEmpty() || bias.get().shape().equals(b.shape().subList(0, 1)));
        if (!fits) {
            throw new CheckpointException(
                    Reason.SHAPES_DIFFER,
                    file,
                    "has for module " + Printable.name(name) + " factors that do not go together: A is " + a.shape()
                            + ", B is "
                            + b.shape()
                            + bias.map(tensor -> ", the bias " + tensor.shape()).orElse(""),
                    Details.of().tensor(a.name()));
        }
        if (config.rank(name) != a.shape().get(0)) {
            throw new CheckpointException(
                    Reason.SHAPES_DIFFER,
                    file,
                    "has factors of rank " + a.shape().get(0) + " for module " + Printable.name(name) + ", but "
                            + config.file() + " says " + config.rank(name),
                    Details.of().tensor(a.name()));
        }
        return new AdaptedModule(
                name, a, b, bias, embedding, config.scale(name, a.shape().get(0)));
    }

    private static void checkType(Path file, TensorInfo factor) {
        if (!factor.dtype().isFloat()) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    file,
                    "has a factor " + Printable.name(factor.name()) + " of " + factor.dtype()
                            + ", which is no type of numbers",
                    Details.of().tensor(factor.name()));
        }
    }
}
