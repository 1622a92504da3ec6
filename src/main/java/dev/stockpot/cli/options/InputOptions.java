package dev.stockpot.cli.options;

import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.Rename;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options of the commands that read checkpoints. */
public final class InputOptions {
    @Option(
            names = "--key",
            paramLabel = "KEY",
            description =
                    "Where the weights are: in a PyTorch file, keys joined by dots; in a NumPy archive, the part of"
                            + " the names before a slash; . is the whole file (default: the usual places; inspect lists the"
                            + " choices). Repeatable, for several mappings.")
    private List<String> keys = List.of();

    @Option(
            names = "--strip-prefix",
            paramLabel = "PREFIX",
            description = "Remove this prefix, such as module. or _orig_mod., from the tensor names that have it.")
    private String stripPrefix;

    @Option(
            names = "--rename",
            paramLabel = "REGEX=TEXT",
            converter = Renames.class,
            description =
                    "Replace what REGEX matches in tensor names with TEXT, where $1 is the first group; TEXT starts"
                            + " after the last =. Repeatable; applied in order, after --strip-prefix.")
    private List<Rename> renames = new ArrayList<>();

    /** How to open them. */
    public OpenOptions open() {
        OpenOptions.Builder options = OpenOptions.builder();
        keys.forEach(options::key);
        if (stripPrefix != null) {
            options.stripPrefix(stripPrefix);
        }
        for (Rename rename : renames) {
            options.rename(rename.regex(), rename.replacement());
        }
        return options.build();
    }

    /** Parses a change of names. */
    static final class Renames implements ITypeConverter<Rename> {
        @Override
        public Rename convert(String text) {
            int end = text.lastIndexOf('=');
            if (end <= 0) {
                throw new TypeConversionException("should be REGEX=TEXT but got '" + text + "'");
            }
            try {
                return new Rename(text.substring(0, end), text.substring(end + 1));
            } catch (PatternSyntaxException e) {
                throw new TypeConversionException(
                        "should begin with a regular expression but got '" + text + "': " + e.getDescription());
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
