package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.Part;
import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.safetensors.Safetensors;
import dev.stockpot.engine.disk.OutputFiles;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.run.Run;
import dev.stockpot.system.TemporaryName;
import dev.stockpot.text.NameList;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The parts of an output become the model. Their files get second names in a new directory, which then gets its own name in one
 * step; until then the parts stay as they are, so joining them can be tried again.
 */
public final class JoinedParts {
    private final OutputFiles system;
    private final Path folder;
    /** Each part's folder, by its number. */
    private final Map<Integer, Path> parts = new TreeMap<>();

    private JoinedParts(OutputFiles system, Path folder) {
        this.system = system;
        this.folder = folder;
    }

    /**
     * Joins the parts of {@code out}, and deletes them.
     *
     * @return the model, opened
     * @throws CheckpointException if one is missing, or of another recipe; or if the model exists and must not be replaced
     * @throws InterruptedException if the thread is interrupted; the parts are as before
     */
    public static Checkpoint join(Path out, Run run) throws InterruptedException {
        return join(out, run, OutputFiles.DISK);
    }

    /** The same on a file system whose calls may fail. */
    static Checkpoint join(Path out, Run run, OutputFiles system) throws InterruptedException {
        try {
            Path place = system.exists(out) ? out.toRealPath() : out.toAbsolutePath();
            JoinedParts joined = new JoinedParts(system, PartFolder.all(place));
            joined.find(out);
            Companions.Contents contents = joined.contents();
            OutputPath target = OutputPath.check(system, out, true, run.overwrite(), List.of(), contents.folders());
            CheckpointLayout nothingToFill = new CheckpointLayout(Safetensors.FORMAT, List.of(), Map.of());
            try (PendingOutput pending =
                    PendingOutput.create(system, target, nothingToFill, contents, OutputFiles.Filling.PLAIN)) {
                pending.commit(true).forEach(failed -> run.listener().warning(out + " is written, but " + failed));
            }
            joined.remove(target, run);
        } catch (FileAlreadyExistsException e) {
            throw OutputPath.appeared(out, e);
        } catch (ClosedByInterruptException e) {
            throw CheckpointWriter.cancelled(e);
        } catch (IOException e) {
            throw CheckpointException.unwritable(out, e);
        }
        return Checkpoint.open(out);
    }

    /** Finds the parts, and checks that all are there. */
    private void find(Path out) throws IOException {
        if (!system.isFolder(folder)) {
            throw new CheckpointException(
                    Reason.PARTS, out, "has no parts to join: there is no " + folder.getFileName() + " beside it");
        }
        Set<Integer> cuts = new LinkedHashSet<>();
        for (Path path : system.list(folder)) {
            Optional<Part> part = PartFolder.part(path.getFileName().toString());
            if (part.isPresent()) {
                parts.put(part.get().number(), path);
                cuts.add(part.get().of());
            }
        }
        if (cuts.size() > 1) {
            throw new CheckpointException(
                    Reason.PARTS,
                    folder,
                    "has parts of different cuts: of "
                            + NameList.of(
                                    cuts.stream().sorted().map(String::valueOf).toList(), cuts.size()),
                    Details.of().hint("remove those that are not wanted"));
        }
        if (cuts.isEmpty()) {
            throw new CheckpointException(Reason.PARTS, folder, "has no part that is complete");
        }
        int of = cuts.iterator().next();
        List<String> missing = IntStream.rangeClosed(1, of)
                .filter(number -> !parts.containsKey(number))
                .mapToObj(number -> number + "/" + of)
                .toList();
        if (!missing.isEmpty()) {
            throw new CheckpointException(
                    Reason.PARTS,
                    folder,
                    "lacks part " + NameList.of(missing),
                    Details.of().choices(missing).hint("write what is missing, then join the parts again"));
        }
    }

    /** What the model holds: all of the parts' files but their records. */
    private Companions.Contents contents() throws IOException {
        Set<String> folders = new LinkedHashSet<>();
        Map<String, Path> files = new LinkedHashMap<>();
        String recipe = PartRecord.read(parts.get(1)).recipe();
        for (Map.Entry<Integer, Path> part : parts.entrySet()) {
            PartRecord record = PartRecord.read(part.getValue());
            if (!record.recipe().equals(recipe)) {
                throw new CheckpointException(
                        Reason.PARTS,
                        part.getValue(),
                        "is of another output than part 1: another recipe, other ingredients or another shard size",
                        Details.of().hint("write the one that is not wanted again"));
            }
            for (Map.Entry<String, Long> file : record.files().entrySet()) {
                check(part.getValue().resolve(file.getKey()), file.getValue());
            }
            add(part.getValue(), "", folders, files);
        }
        files.remove(PartRecord.FILE);
        return new Companions.Contents(new ArrayList<>(folders), Map.of(), Map.of(), files);
    }

    private void check(Path file, long bytes) throws IOException {
        long is = system.stat(file).map(BasicFileAttributes::size).orElse(0L);
        if (is != bytes) {
            throw new CheckpointException(
                    Reason.PARTS,
                    file,
                    "has " + is + " of the " + bytes + " bytes that were written",
                    Details.of().number("bytes", is).number("written", bytes).hint("write its part again"));
        }
    }

    private void add(Path from, String inside, Set<String> folders, Map<String, Path> files) throws IOException {
        for (Path path : system.list(from)) {
            String name = inside + path.getFileName();
            if (system.isFolder(path)) {
                folders.add(name);
                add(path, DirectoryLayout.prefix(name), folders, files);
            } else {
                files.put(name, path);
            }
        }
    }

    /** Deletes the parts; under a name by which the next run with this output deletes what is left if this one is killed. */
    private void remove(OutputPath target, Run run) {
        Path old = target.path()
                .resolveSibling(TemporaryName.of(target.path().getFileName().toString()));
        try {
            system.rename(folder, old);
            system.delete(old);
        } catch (IOException | OutOfMemoryError e) {
            // The model is made all the same.
            run.listener().warning("the parts in " + folder + " could not be deleted: " + e.getMessage());
        }
    }
}
