package dev.stockpot.cli.options;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.write.CheckpointWriter;
import dev.stockpot.run.Concern;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.DType;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of the commands that write a checkpoint. */
public final class OutputOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "OUT",
            converter = OutputName.Reader.class,
            description =
                    "The output: a file (.safetensors, .pt, .pth, .pth.tar, .ckpt, .bin, .npz, .npy, .gguf or .onnx)"
                            + " or a model directory (a name without extension, or any name that ends in /).")
    private OutputName out;

    @Option(
            names = "--dtype",
            paramLabel = "DTYPE",
            converter = DTypeName.class,
            description = "Type of the output's float tensors: F64, F32, F16, BF16, F8_E4M3 or F8_E5M2; PyTorch's names"
                    + " work too (default: each tensor's type in the first ingredient).")
    private DType dtype;

    @Option(
            names = "--max-shard-size",
            paramLabel = "SIZE",
            converter = Sizes.class,
            description =
                    "Largest shard of a model directory: 500MB and 2GB are decimal, 2GiB is binary (default: 5GB).")
    private Long maxShardBytes;

    @Option(
            names = "--force",
            description =
                    "Replace an existing output. In a model directory, files that are not part of the model stay.")
    private boolean force;

    @Option(
            names = "--like",
            paramLabel = "FILE",
            description = "Write the output like this file of the same format: its names, layout and metadata; of a"
                    + " PyTorch file also its nesting, its tied tensors and everything besides the weights. --key and"
                    + " --strip-prefix apply to its weights too.")
    private Path like;

    @Option(
            names = "--allow",
            paramLabel = "KIND,...",
            split = ",",
            description =
                    "Continue, with a warning, where the output may not be a usable model: ${COMPLETION-CANDIDATES}.")
    private EnumSet<Concern> allowed = EnumSet.noneOf(Concern.class);

    /** Checks that the output can be written, before a search of hours rather than after it. */
    public void checkFor(List<Checkpoint> ingredients, OpenOptions opened) {
        new CheckpointWriter(out(), write(opened).build(), force, ingredients);
    }

    /** Says how to keep the structure of PyTorch ingredients, which an output of their kind is about to lose. */
    public void tellStructure(List<Checkpoint> ingredients, RunListener listener) {
        if (like != null || out.directory() || !CheckpointWriter.isTorch(out())) {
            return;
        }
        Checkpoint first = ingredients.get(0);
        for (Checkpoint.Choice choice : first.choices()) {
            if (choice.chosen() && !choice.key().isEmpty()) {
                listener.note(out() + " gets the tensors alone; " + first.path() + " has them under " + choice.key()
                        + ": --like " + first.path() + " writes them there, with what else it holds");
                return;
            }
        }
    }

    /** The concerns that do not stop a run. */
    public Set<Concern> allowed() {
        return allowed;
    }

    /** Where the output goes. */
    public Path out() {
        return out.path();
    }

    /** Whether it is a model directory. */
    boolean isDirectory() {
        return out.directory() || CheckpointWriter.isDirectory(out());
    }

    /** Whether an existing output is replaced. */
    public boolean force() {
        return force;
    }

    /** The file that the output is written like, if one is named. */
    public Optional<Path> like() {
        return Optional.ofNullable(like);
    }

    /** The output's float type, if one is named. */
    public Optional<DType> dtype() {
        return Optional.ofNullable(dtype);
    }

    /** How to open what is to be written: with {@code --like}, several keys each have their place. */
    public OpenOptions opening(InputOptions input) {
        OpenOptions open = input.open();
        return like == null || open.keys().isEmpty() ? open : open.forStructure(like, List.of());
    }

    /** The same for a soup that no evaluator sees: with {@code --like} and no key, every mapping of weights. */
    public OpenOptions openingAll(InputOptions input, List<Path> checkpoints) {
        return like == null ? input.open() : input.open().forStructure(like, checkpoints);
    }

    /** How to write what was read with {@code opened}. */
    public WriteOptions.Builder write(OpenOptions opened) {
        check();
        WriteOptions.Builder options = WriteOptions.builder().directory(out.directory());
        if (maxShardBytes != null) {
            options.maxShardBytes(maxShardBytes);
        }
        if (dtype != null) {
            options.dtype(dtype);
        }
        return like == null ? options : options.like(like, opened);
    }

    /** Checks that the options go together, before anything is opened. */
    public void check() {
        if (like != null && isDirectory()) {
            throw new ParameterException(
                    spec.commandLine(), "--like needs an output that is a file of its format but got " + out());
        }
        if (maxShardBytes != null && !isDirectory()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--max-shard-size cuts a model directory into shards, and " + out() + " is one file: "
                            + (out().toString().endsWith(".gguf")
                                    ? "llama.cpp's llama-gguf-split cuts it afterwards"
                                    : "leave the option out, or the name's extension"));
        }
    }
}
