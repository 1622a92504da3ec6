package dev.stockpot.checkpoint.numpy;

import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.file.FlatTemplate;
import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.checkpoint.numpy.NumpyArchive.Member;
import dev.stockpot.checkpoint.spool.Spool;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A {@code .npz} archive or {@code .npy} file that outputs are written like: the same members in the same order, stored, each
 * with its values at a multiple of 64 bytes of the file. What is no weight stays as it is. How an output was made is in the
 * archive's comment; one array alone has no place for it.
 */
public final class NumpyTemplate extends FlatTemplate {
    private final NumpyArchive archive;
    private final List<String> notes;

    private NumpyTemplate(
            Path file,
            NumpyArchive archive,
            Contents contents,
            Set<String> weights,
            List<String> notes,
            Naming naming) {
        super(file, contents, weights, naming);
        this.archive = archive;
        this.notes = notes;
    }

    /**
     * Reads the headers of {@code file}.
     *
     * @throws CheckpointException if it is damaged, or has no arrays below the naming's keys
     */
    public static NumpyTemplate open(Path file, Naming naming) {
        try (RandomFile in = RandomFile.open(file);
                Spool spool = new Spool(in)) {
            NumpyArchive archive = NumpyArchive.read(file, in, spool);
            ArrayGroups groups = ArrayGroups.of(file, NumpyReader.arrays(file, archive), naming.keys());
            LinkedHashMap<String, TensorInfo> all = new LinkedHashMap<>();
            archive.members().forEach((name, member) -> all.put(name, member.tensor()));
            List<String> kept = groups.choices().stream()
                    .filter(choice -> !choice.chosen())
                    .map(Contents.Choice::key)
                    .toList();
            List<String> notes = kept.isEmpty()
                    ? List.of()
                    : List.of("the output keeps, as they are there: " + String.join(", ", kept));
            Contents contents = new Contents(
                    NumpyReader.FORMAT,
                    Map.of(file, in.size()),
                    archive.metadata(),
                    TensorMap.of(all),
                    List.of(),
                    List.of(),
                    List.of(),
                    spool.keep());
            return new NumpyTemplate(file, archive, contents, groups.names(), notes, naming);
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        } catch (OutOfMemoryError e) {
            throw NumpyReader.tooLarge(file, e);
        }
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    @Override
    public CheckpointLayout layout(
            Path out, List<TensorSpec> tensors, Map<String, String> tied, Map<String, String> metadata) {
        Map<String, TensorSpec> placed = placed(tensors);
        if (archive.isZip() == NumpyLayout.isArray(out)) {
            throw new CheckpointException(
                    Reason.NOT_ALIKE_FORMAT,
                    file(),
                    archive.isZip()
                            ? "is an archive of arrays, so one array cannot be like it"
                            : "is one array, so an archive cannot be like it");
        }
        FileLayout file = archive.isZip() ? zip(out, placed, metadata) : array(out, placed);
        return new CheckpointLayout(NumpyReader.FORMAT, List.of(file), Map.of());
    }

    private FileLayout zip(Path out, Map<String, TensorSpec> placed, Map<String, String> metadata) {
        NumpyLayout layout = new NumpyLayout(out, metadata);
        placed.forEach((own, tensor) -> {
            Member member = archive.members().get(own);
            layout.add(member.entry(), tensor, header(out, member, tensor));
        });
        return layout.layout();
    }

    private FileLayout array(Path out, Map<String, TensorSpec> placed) {
        Map.Entry<String, TensorSpec> only = placed.entrySet().iterator().next();
        Member member = archive.members().get(only.getKey());
        return NumpyLayout.array(out, only.getValue(), header(out, member, only.getValue()));
    }

    /** The header of an array of that type and shape; none for what is no array. */
    private static byte[] header(Path out, Member member, TensorSpec tensor) {
        return member.isArray()
                ? NumpyLayout.header(out, tensor, member.header().descr())
                : new byte[0];
    }
}
