package dev.stockpot.engine.write;

import dev.stockpot.engine.disk.Leftovers;
import dev.stockpot.engine.disk.OutputFiles;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/**
 * An output that may be written, checked before any work is done.
 *
 * @param named as it was named, for messages
 * @param path where the output goes, with links followed
 * @param format the format to write
 * @param replace whether what is there when the output is complete may be replaced
 */
record OutputPath(Path named, Path path, OutputFormat format, boolean replace) {
    /** Whether it is a model directory rather than a file. */
    boolean directory() {
        return format == OutputFormat.DIRECTORY;
    }

    /**
     * Checks {@code out} against existing files and against the inputs.
     *
     * @param directory whether it is a model directory whatever its name
     * @param parts the folders that a model directory would have in it
     * @throws CheckpointException if it exists and must not be replaced, is one of {@code inputs}, or cannot be made
     */
    static OutputPath check(
            OutputFiles system, Path out, boolean directory, boolean replace, List<Path> inputs, List<String> parts) {
        if (out.getFileName() == null || out.getFileName().toString().isEmpty()) {
            throw new CheckpointException(Reason.UNWRITABLE, out, "is not a name for an output");
        }
        if (out.getFileSystem() != FileSystems.getDefault()) {
            throw new CheckpointException(
                    Reason.UNWRITABLE, out, "is not on the system's file system but on one inside Java");
        }
        OutputFormat format = directory ? OutputFormat.DIRECTORY : OutputFormat.of(out);
        try {
            Leftovers.restore(system, out.toAbsolutePath());
            checkInputs(system, out, inputs);
            if (system.exists(out, LinkOption.NOFOLLOW_LINKS)) {
                checkReplaceable(system, out, format == OutputFormat.DIRECTORY, replace, parts);
            }
            Path target = system.exists(out) ? out.toRealPath() : out.toAbsolutePath();
            checkParent(system, out, target.getParent());
            return new OutputPath(out, target, format, replace);
        } catch (IOException e) {
            throw CheckpointException.unwritable(out, e);
        }
    }

    /** The failure of an output that has appeared where there was none. */
    static CheckpointException appeared(Path out, FileAlreadyExistsException e) {
        return new CheckpointException(
                Reason.EXISTS,
                out,
                "exists already: it appeared during the run",
                Details.of().cause(e));
    }

    /**
     * Checks that the output is none of {@code inputs}, of which not all were known before.
     *
     * @throws CheckpointException if it is one
     */
    void checkNot(OutputFiles system, List<Path> inputs) throws IOException {
        checkInputs(system, named, inputs);
    }

    /**
     * Checks that a file may be written beside an output of one file, such as a model's data.
     *
     * @throws CheckpointException if it exists and must not be replaced, or is one of {@code inputs}
     */
    void checkBeside(OutputFiles system, String name, List<Path> inputs) throws IOException {
        Path beside = (Files.isSymbolicLink(named) ? path : named).resolveSibling(name);
        checkInputs(system, beside, inputs);
        if (system.exists(beside, LinkOption.NOFOLLOW_LINKS)) {
            checkReplaceable(system, beside, false, replace, List.of());
        }
    }

    private static void checkInputs(OutputFiles system, Path out, List<Path> inputs) throws IOException {
        if (!system.exists(out)) {
            return;
        }
        Path real = out.toRealPath();
        for (Path source : inputs) {
            if (system.exists(source)
                    && (Files.isSameFile(source, real)
                            || source.toRealPath().startsWith(real)
                            || source.toAbsolutePath().normalize().startsWith(real))) {
                throw new CheckpointException(
                        Reason.IS_INPUT,
                        out,
                        "is the output and also an input",
                        Details.of().hint("choose another output"));
            }
        }
    }

    private static void checkReplaceable(
            OutputFiles system, Path out, boolean directory, boolean replace, List<String> parts) throws IOException {
        if (!replace) {
            throw new CheckpointException(Reason.EXISTS, out, "exists already");
        }
        if (directory && system.exists(out) && !system.isFolder(out)) {
            throw new CheckpointException(
                    Reason.NOT_REPLACED, out, "is a file, and a model directory was to be written there");
        }
        if (!directory && system.isFolder(out)) {
            throw new CheckpointException(
                    Reason.NOT_REPLACED, out, "is a directory, and a file was to be written there");
        }
        if (!directory
                && system.exists(out)
                && !system.stat(out).map(BasicFileAttributes::isRegularFile).orElse(false)) {
            throw new CheckpointException(Reason.NOT_REPLACED, out, "is not a regular file");
        }
        if (directory && system.isFolder(out) && !ModelFolder.isReplaceable(system, out, parts)) {
            throw new CheckpointException(
                    Reason.NOT_REPLACED,
                    out,
                    "is a directory that holds no model or holds other folders, so it is not replaced",
                    Details.of().hint("choose another output, or empty the directory"));
        }
    }

    private static void checkParent(OutputFiles system, Path out, Path parent) throws IOException {
        if (!system.exists(parent)) {
            throw new CheckpointException(Reason.UNWRITABLE, out, "its folder " + parent + " does not exist");
        }
        if (!system.isFolder(parent)) {
            throw new CheckpointException(Reason.UNWRITABLE, out, parent + " is not a folder");
        }
        if (!Files.isWritable(parent)) {
            throw new CheckpointException(Reason.UNWRITABLE, out, "its folder " + parent + " is not writable");
        }
    }
}
