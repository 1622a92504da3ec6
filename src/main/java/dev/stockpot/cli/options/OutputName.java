package dev.stockpot.cli.options;

import dev.stockpot.engine.write.CheckpointWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * An output as it was typed. It is no record: the parser prints values, and linking a record's methods would take a twentieth
 * of a short run.
 */
final class OutputName {
    private final Path path;
    private final boolean directory;

    /**
     * @param path where it goes
     * @param directory whether it ends in a slash, and so is a model directory whatever its name
     */
    private OutputName(Path path, boolean directory) {
        this.path = path;
        this.directory = directory;
    }

    /** Where it goes. */
    Path path() {
        return path;
    }

    /** Whether it is a model directory whatever its name. */
    boolean directory() {
        return directory;
    }

    /** Reads one, and refuses a name that ends like a format that is not written. */
    static final class Reader implements ITypeConverter<OutputName> {
        @Override
        public OutputName convert(String text) {
            if (text.isBlank()) {
                throw new TypeConversionException("should be a file or a directory but got '" + text + "'");
            }
            Path path;
            try {
                path = Path.of(text);
            } catch (InvalidPathException e) {
                throw new TypeConversionException(e.getMessage());
            }
            boolean directory = text.endsWith("/");
            Optional<String> problem = directory ? Optional.empty() : CheckpointWriter.nameProblem(path);
            if (problem.isPresent()) {
                throw new TypeConversionException(problem.get() + "; a model directory ends in /: " + text + "/");
            }
            return new OutputName(path, directory);
        }
    }
}
