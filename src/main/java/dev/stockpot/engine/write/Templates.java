package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions.Like;
import dev.stockpot.checkpoint.file.FileSniffer;
import dev.stockpot.checkpoint.file.Template;
import dev.stockpot.checkpoint.gguf.GgufTemplate;
import dev.stockpot.checkpoint.numpy.NumpyTemplate;
import dev.stockpot.checkpoint.onnx.OnnxTemplate;
import dev.stockpot.checkpoint.safetensors.SafetensorsTemplate;
import dev.stockpot.checkpoint.torch.TorchTemplate;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The files that outputs are written like, of every format. */
final class Templates {
    private Templates() {}

    /**
     * The file that an output is written like: the one that was named, or the first input, if files of its format are more than
     * their tensors.
     *
     * @throws CheckpointException if there is none for such a format, or it is not of the output's format
     */
    static Optional<Like> like(OutputFormat format, Path out, Optional<Like> named, Checkpoint first) {
        if (named.isEmpty()) {
            return first(format, out, first);
        }
        Path file = named.get().file();
        if (!Files.exists(file)) {
            throw new CheckpointException(Reason.NOT_FOUND, file, "does not exist");
        }
        if (format == OutputFormat.DIRECTORY) {
            throw new CheckpointException(
                    Reason.NOT_ALIKE_FORMAT, out, "is a model directory, so it cannot be like " + file);
        }
        FileSniffer found = FileSniffer.of(file);
        if (!format.isOf(found.kind())) {
            throw new CheckpointException(
                    Reason.NOT_ALIKE_FORMAT,
                    file,
                    "is not " + format.what() + " but " + found.what() + ": " + out + " cannot be like it");
        }
        return named;
    }

    private static Optional<Like> first(OutputFormat format, Path out, Checkpoint first) {
        boolean alike = format.isNamed(first.format()) && !first.files().isEmpty();
        if (!alike && format.needsTemplate()) {
            throw new CheckpointException(
                    Reason.NO_TEMPLATE,
                    out,
                    "would be " + format.what() + ", which is written like another one; " + first.path()
                            + " is not one",
                    Details.of().hint("name the file that it should be like, or write safetensors"));
        }
        // Of a folder, or of shards: any of them stands for all.
        return alike && format.followsFirst()
                ? Optional.of(new Like(first.files().get(0).file(), first.opened()))
                : Optional.empty();
    }

    /** Tensors in the types in which a template takes them. */
    static List<MixTensor> typed(Optional<Template> template, List<MixTensor> tensors) {
        if (template.isEmpty()) {
            return tensors;
        }
        List<MixTensor> typed = new ArrayList<>(tensors.size());
        tensors.forEach(tensor -> typed.add(tensor.as(template.get().type(tensor.spec()))));
        return typed;
    }

    /** The same for tensors that are compared with {@code written}. */
    static List<MixTensor> typed(Checkpoint written, List<MixTensor> tensors) {
        if (!OutputFormat.GGUF.isNamed(written.format())) {
            return tensors;
        }
        try (Template template =
                open(written.path(), new Template.Naming(List.of(), false, Optional.empty(), name -> name, Set.of()))) {
            return typed(Optional.of(template), tensors);
        }
    }

    /** Opens a file of any format that has templates. */
    static Template open(Path file, Template.Naming naming) {
        return switch (FileSniffer.of(file).kind()) {
            case SAFETENSORS -> SafetensorsTemplate.open(file, naming);
            case NUMPY -> NumpyTemplate.open(file, naming);
            case GGUF -> GgufTemplate.open(file, naming);
            case ONNX -> OnnxTemplate.open(file, naming);
            default -> TorchTemplate.open(file, naming);
        };
    }
}
