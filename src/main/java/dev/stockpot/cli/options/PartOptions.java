package dev.stockpot.cli.options;

import dev.stockpot.checkpoint.Part;
import dev.stockpot.checkpoint.WriteOptions;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The option of the commands that can write a part of their output. */
public final class PartOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--part",
            paramLabel = "I/N",
            converter = Reader.class,
            description =
                    "Write only part I of N of a model directory's shards, beside it. When all parts are there, stockpot index"
                            + " OUT makes them the model.")
    private Part part;

    /** Checks that the output can be written in parts, and that nothing is wanted that each would write. */
    public void check(OutputOptions output) {
        if (part == null) {
            return;
        }
        if (!output.isDirectory()) {
            throw new ParameterException(
                    spec.commandLine(), "--part needs an output that is a model directory but got " + output.out());
        }
        for (String one : new String[] {"--recipe", "--report", "--tensorboard", "--recalibrate-batchnorm"}) {
            if (spec.commandLine().getParseResult().hasMatchedOption(one)) {
                throw new ParameterException(
                        spec.commandLine(), "--part and " + one + " do not go together: each part would do it");
            }
        }
    }

    /** Adds it to how the output is written. */
    public void add(WriteOptions.Builder options) {
        if (part != null) {
            options.part(part);
        }
    }

    /** What comes before the words for what was written. */
    public String words() {
        return part == null ? "" : "part " + part + " of the ";
    }

    /** Reads {@code 3/16}. */
    static final class Reader implements ITypeConverter<Part> {
        @Override
        public Part convert(String text) {
            if (!text.matches("\\d{1,9}/\\d{1,9}")) {
                throw new TypeConversionException("should be a part such as 3/16 but got '" + text + "'");
            }
            int slash = text.indexOf('/');
            try {
                return new Part(
                        Integer.parseInt(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
