package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.safetensors.WeightsName;
import dev.stockpot.engine.disk.Leftovers;
import dev.stockpot.engine.disk.OutputFiles;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A model directory that a new one takes the place of. Files in it that are not the model (notes, scripts, an optimizer's
 * state) move on to the new one.
 */
final class ReplacedDirectory {
    private final OutputFiles system;
    private final OutputPath target;
    /** The new directory before both change places, the old one afterwards. */
    private final Path temporary;

    private final Set<WeightsName> named;
    /** The directory itself, then the folders in it that the model has too. */
    private final List<String> folders = new ArrayList<>(List.of(""));
    /** Paths inside the directory. */
    private final Set<String> seen = new LinkedHashSet<>();

    /** @param named what the new model's weights are called */
    ReplacedDirectory(
            OutputFiles system, OutputPath target, Path temporary, List<String> folders, Set<WeightsName> named) {
        this.system = system;
        this.target = target;
        this.temporary = temporary;
        this.folders.addAll(folders);
        this.named = named;
    }

    /** Gives the new directory the old one's files that are not the model. */
    void keepOthers() throws IOException {
        for (String folder : folders) {
            Path old = target.path().resolve(folder);
            if (isFolder(old)) {
                keepOthers(old, DirectoryLayout.prefix(folder));
            }
        }
    }

    private void keepOthers(Path old, String prefix) throws IOException {
        Set<String> replaced = ModelFolder.replaced(system, old, named);
        for (Path file : system.list(old)) {
            String name = file.getFileName().toString();
            if (isFolder(file)) {
                if (folders.contains(prefix + name)) {
                    continue;
                }
                throw new CheckpointException(
                        Reason.NOT_REPLACED,
                        target.path(),
                        "holds the folder " + prefix + name + ", which appeared during the run, so it is not replaced");
            }
            seen.add(prefix + name);
            Path kept = temporary.resolve(prefix + name);
            if (!replaced.contains(name) && !system.exists(kept)) {
                system.link(file, kept);
            }
        }
    }

    /** Deletes what was seen of the old directory; what appeared in it later moves to the new one. */
    void remove(List<String> failed) throws IOException {
        if (!isFolder(temporary)) {
            failed.add("the replaced model is still in " + Leftovers.aside(temporary) + "; the next run deletes it");
            return;
        }
        List<String> inner = new ArrayList<>(folders);
        Collections.reverse(inner);
        for (String folder : inner) {
            Path old = temporary.resolve(folder);
            if (isFolder(old)) {
                rescue(old, DirectoryLayout.prefix(folder));
            }
        }
        for (String name : seen) {
            system.remove(temporary.resolve(name));
        }
        try {
            for (String folder : inner) {
                if (isFolder(temporary.resolve(folder))) {
                    system.remove(temporary.resolve(folder));
                }
            }
        } catch (DirectoryNotEmptyException e) {
            // Under a name that no later run takes for its own.
            Path kept = target.path().resolveSibling(target.path().getFileName() + ".replaced");
            system.renameNew(temporary, kept);
            failed.add("what appeared meanwhile in the replaced model is kept in " + kept);
        }
    }

    private void rescue(Path old, String prefix) throws IOException {
        for (Path file : system.list(old)) {
            String inside = prefix + file.getFileName();
            boolean own = seen.contains(inside) || (folders.contains(inside) && isFolder(file));
            if (!own) {
                try {
                    system.renameNew(file, target.path().resolve(inside));
                } catch (IOException e) {
                    // It stays, and is kept in the end.
                }
            }
        }
    }

    /** A link to a folder is the user's own arrangement, and never entered. */
    private boolean isFolder(Path path) throws IOException {
        return system.isFolder(path, LinkOption.NOFOLLOW_LINKS);
    }
}
