package dev.stockpot.cli;

import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.Sizes;
import dev.stockpot.cli.output.Json;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.generate.Architecture;
import dev.stockpot.generate.CheckpointGenerator;
import dev.stockpot.generate.ModelShape;
import dev.stockpot.tensor.DType;
import dev.stockpot.text.Figures;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code stockpot make-checkpoint}, which {@code tools/make-checkpoint} runs. */
@Command(
        name = "make-checkpoint",
        hidden = true,
        description = "Write a safetensors file for benchmarks: a published model's tensors, with values from a seed.",
        footer = {
            "  stockpot make-checkpoint --like bert-base -o bert.safetensors",
            "  stockpot make-checkpoint --like llama-7b --size 500MB --dtype BF16 --seed 3 -o model_3.safetensors",
            "  stockpot make-checkpoint --tensors 50000 --elements 512 --dtype BF16 -o small-tensors.safetensors"
        })
final class MakeCheckpointCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FILE",
            description = "The file to write.")
    private Path out;

    @ArgGroup(multiplicity = "1", exclusive = true)
    private Shape shape;

    /** One of two ways to specify the tensors. */
    private static final class Shape {
        @Option(
                names = "--like",
                required = true,
                paramLabel = "MODEL",
                description = "The tensors of clip-vit-b32, vit-g-14, bert-base, t5-base or llama-7b.")
        private String like;

        @ArgGroup(exclusive = false)
        private Equal equal;
    }

    /** Tensors that are all alike. */
    private static final class Equal {
        @Option(names = "--tensors", required = true, paramLabel = "N", description = "N tensors of equal length.")
        private int tensors;

        @Option(names = "--elements", required = true, paramLabel = "M", description = "M elements in each tensor.")
        private long elements;
    }

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            converter = Sizes.class,
            description =
                    "With --like: approximate size, reached with more or fewer layers (default: the model's own).")
    private Long size;

    @Option(
            names = "--dtype",
            paramLabel = "DTYPE",
            description = "F64, F32, F16, BF16, F8_E4M3 or F8_E5M2 (default: the model's own, or F32).")
    private DType dtype;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of the values; the same seed makes the same values (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--sparse", description = "All values zero, as a hole in the file that takes no disk space.")
    private boolean sparse;

    @Option(names = "--force", description = "Replace an existing file.")
    private boolean force;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws InterruptedException, IOException {
        CheckpointGenerator generator = new CheckpointGenerator(tensors(), common.threads());
        if (Files.exists(out) && !force) {
            throw new CheckpointException(Reason.EXISTS, out, "exists already");
        }
        if (sparse) {
            generator.writeSparse(out);
        } else {
            generator.write(out, seed);
        }
        long bytes = generator.fileBytes();
        if (common.json()) {
            Json.print(common.out(), json -> {
                json.writeStartObject();
                json.writeStringField("output", out.toString());
                json.writeNumberField("bytes", bytes);
                json.writeEndObject();
            });
        } else if (!common.quiet()) {
            common.out().println(Printable.of(out + ": " + Figures.bytes(bytes)));
            common.out().flush();
        }
        return 0;
    }

    private ModelShape tensors() {
        if (dtype != null && !dtype.isFloat()) {
            throw new ParameterException(
                    spec.commandLine(), "--dtype should be F64, F32, F16, BF16, F8_E4M3 or F8_E5M2 but got " + dtype);
        }
        if (shape.equal != null) {
            if (shape.equal.tensors < 1 || shape.equal.elements < 0 || size != null) {
                throw new ParameterException(
                        spec.commandLine(), "--tensors should be at least 1, --elements at least 0, without --size");
            }
            return ModelShape.equal(shape.equal.tensors, shape.equal.elements, dtype == null ? DType.F32 : dtype);
        }
        Architecture model = model(spec, shape.like);
        DType type = dtype == null ? model.dtype() : dtype;
        return size == null ? ModelShape.like(model, type) : ModelShape.like(model, type, size);
    }

    /** The model that {@code --like} names. */
    static Architecture model(CommandSpec spec, String name) {
        try {
            return Architecture.named(name);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--like " + e.getMessage());
        }
    }
}
