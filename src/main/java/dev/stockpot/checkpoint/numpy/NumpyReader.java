package dev.stockpot.checkpoint.numpy;

import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.checkpoint.numpy.NumpyArchive.Member;
import dev.stockpot.checkpoint.spool.Spool;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.TensorNames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads arrays of NumPy: a {@code .npz} archive, or one {@code .npy} file. */
public final class NumpyReader {
    static final String FORMAT = "numpy";

    private NumpyReader() {}

    /**
     * Opens one file. Arrays have their whole names, without {@code .npy}; one alone is {@code arr_0}, as NumPy itself calls it.
     *
     * @param keys of the groups of names to read, such as {@code params}; none to leave out what is an optimizer's state
     * @throws CheckpointException if it is damaged, holds Python objects, or has no arrays
     */
    public static Contents open(Path file, List<String> keys) {
        try (RandomFile in = RandomFile.open(file);
                Spool spool = new Spool(in)) {
            NumpyArchive archive = NumpyArchive.read(file, in, spool);
            Set<String> others = new LinkedHashSet<>(archive.members().keySet());
            Set<String> arrays = arrays(file, archive);
            others.removeAll(arrays);
            ArrayGroups groups = ArrayGroups.of(file, arrays, keys);
            List<String> notes = new ArrayList<>(archive.notes());
            notes.addAll(groups.notes());
            if (!others.isEmpty()) {
                notes.add("left out what is no array of numbers: " + TensorNames.listed(others));
            }
            LinkedHashMap<String, TensorInfo> tensors = new LinkedHashMap<>();
            groups.names()
                    .forEach(name ->
                            tensors.put(name, archive.members().get(name).tensor()));
            return new Contents(
                    FORMAT,
                    Map.of(file, in.size()),
                    archive.metadata(),
                    TensorMap.of(tensors),
                    groups.choices(),
                    List.of(),
                    notes,
                    spool.keep());
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        } catch (OutOfMemoryError e) {
            throw tooLarge(file, e);
        }
    }

    /** The names of the arrays of numbers. */
    static Set<String> arrays(Path file, NumpyArchive archive) {
        Set<String> arrays = new LinkedHashSet<>();
        for (Map.Entry<String, Member> member : archive.members().entrySet()) {
            if (member.getValue().isArray()) {
                arrays.add(member.getKey());
            }
        }
        if (arrays.isEmpty()) {
            throw new CheckpointException(Reason.NOT_FOUND, file, "holds no array of numbers");
        }
        return arrays;
    }

    static CheckpointException tooLarge(Path file, OutOfMemoryError e) {
        return new CheckpointException(
                Reason.NO_MEMORY,
                file,
                "has too many arrays for the Java heap",
                Details.of().hint("give the JVM more, such as -Xmx1g").cause(e));
    }
}
