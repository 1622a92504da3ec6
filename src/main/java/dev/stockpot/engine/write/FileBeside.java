package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.file.Template;
import dev.stockpot.engine.disk.Leftovers;
import dev.stockpot.engine.disk.OutputFiles;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.system.TemporaryName;
import java.io.IOException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A file that belongs to an output of one file and stands beside it: a model's data file. Each has a temporary name until the
 * output is complete. No step gives several files their names at once, so the output's own comes last: whenever it is there,
 * the files beside it are those that it names.
 *
 * @param temporary where it is filled
 * @param path where it will be
 */
record FileBeside(Path temporary, Path path) {
    /** A file that will be at {@code path}; removes what killed runs have left of it. */
    static FileBeside at(OutputFiles system, Path path) {
        Leftovers.sweep(system, path);
        return new FileBeside(temporary(path), path);
    }

    private static Path temporary(Path path) {
        return path.resolveSibling(TemporaryName.of(path.getFileName().toString()));
    }

    /**
     * Checks that no file of an output is read, and that those besides its own may be written; a model directory's are in it.
     *
     * @param read the files of the inputs
     * @param template what the output is like, whose files are read too
     * @throws CheckpointException if one exists and must not be replaced, or is read
     */
    static void check(
            OutputFiles system,
            OutputPath target,
            CheckpointLayout layout,
            List<Path> read,
            Optional<Template> template) {
        List<Path> inputs = new ArrayList<>(read);
        template.ifPresent(like -> inputs.addAll(like.files()));
        try {
            target.checkNot(system, inputs);
            for (FileLayout file : layout.files()) {
                if (!target.directory() && file != layout.files().get(0)) {
                    target.checkBeside(system, file.name(), inputs);
                }
            }
        } catch (IOException e) {
            throw CheckpointException.unwritable(target.path(), e);
        }
    }

    /**
     * Gives an output and the files beside it their names. What they replace is moved aside first, the output before the
     * others, so that it never stands beside files that are not its own; if a step fails, it is moved back. After a crash
     * between the steps there is no output.
     *
     * @return what was moved aside, to be deleted
     * @throws java.nio.file.FileAlreadyExistsException if one of them has appeared that must not be replaced
     */
    static List<Path> commit(
            OutputFiles system, List<FileBeside> beside, Path temporary, OutputPath target, boolean durable)
            throws IOException {
        List<FileBeside> all = new ArrayList<>(List.of(new FileBeside(temporary, target.path())));
        all.addAll(beside);
        List<FileBeside> aside = new ArrayList<>();
        List<FileBeside> named = new ArrayList<>();
        try {
            for (FileBeside file : all) {
                if (target.replace() && system.exists(file.path, LinkOption.NOFOLLOW_LINKS)) {
                    system.copyPermissions(file.path, file.temporary);
                    FileBeside old = new FileBeside(temporary(file.path), file.path);
                    aside.add(old);
                    system.rename(old.path, old.temporary);
                }
            }
            for (int k = all.size() - 1; k >= 0; k--) {
                if (durable && (k == 0 || k == all.size() - 1)) {
                    system.sync(target.path().getParent());
                }
                named.add(all.get(k));
                system.renameNew(all.get(k).temporary, all.get(k).path);
            }
            return aside.stream().map(FileBeside::temporary).toList();
        } catch (IOException | RuntimeException | Error e) {
            undo(system, named, aside, e);
            throw e;
        }
    }

    /** The last step may have been taken although it failed, over a network. */
    private static void undo(OutputFiles system, List<FileBeside> named, List<FileBeside> aside, Throwable failure) {
        try {
            for (FileBeside file : named) {
                if (!system.exists(file.temporary)) {
                    system.remove(file.path);
                }
            }
            for (int k = aside.size() - 1; k >= 0; k--) {
                if (system.exists(aside.get(k).temporary)) {
                    system.rename(aside.get(k).temporary, aside.get(k).path);
                }
            }
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
