package dev.stockpot.checkpoint.onnx;

import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import dev.stockpot.text.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The files in which a model keeps values apart from its graph (onnx, "External Data"). A model names them itself, so a name
 * must not lead out of its folder, not by a link either: a soup would show what is in any file that its user can read.
 */
final class DataFiles {
    private static final String LOCATION = "location";
    private static final String OFFSET = "offset";
    private static final String LENGTH = "length";

    private final Path model;
    private final Map<String, DataFile> byLocation = new LinkedHashMap<>();
    private final List<TensorInfo> placed = new ArrayList<>();

    /** A data file, in the version that was opened. */
    private record DataFile(FileSource source, long bytes) {}

    /** The files of {@code model}. */
    DataFiles(Path model) {
        this.model = model;
    }

    /** The fields of a tensor that say where its values are. */
    static byte[] fields(String location, long offset, long bytes) {
        ByteArrayOutputStream fields = new ByteArrayOutputStream();
        fields.writeBytes(Metadata.field(TensorProto.EXTERNAL_DATA, LOCATION, location));
        fields.writeBytes(Metadata.field(TensorProto.EXTERNAL_DATA, OFFSET, Long.toString(offset)));
        fields.writeBytes(Metadata.field(TensorProto.EXTERNAL_DATA, LENGTH, Long.toString(bytes)));
        fields.writeBytes(Metadata.varint(TensorProto.DATA_LOCATION << 3 | ProtoInput.VARINT));
        fields.writeBytes(Metadata.varint(TensorProto.EXTERNAL));
        return fields.toByteArray();
    }

    /**
     * Where a tensor's values are.
     *
     * @param entries the texts that say so
     * @throws CheckpointException if they lead out of the model's folder, or past the end of a file
     */
    TensorInfo place(TensorSpec spec, Map<String, String> entries) throws IOException {
        String location = entries.getOrDefault(LOCATION, "");
        DataFile data = byLocation.get(location);
        if (data == null) {
            data = open(spec.name(), location);
            byLocation.put(location, data);
        }
        long offset = number(spec.name(), OFFSET, entries.getOrDefault(OFFSET, "0"));
        long length = number(spec.name(), LENGTH, entries.getOrDefault(LENGTH, Long.toString(spec.bytes())));
        if (length != spec.bytes()) {
            throw TensorProto.damaged(
                    model,
                    spec.name(),
                    "of " + spec.dtype() + " " + spec.shape() + " should have " + spec.bytes() + " bytes but has "
                            + length + " in " + Printable.name(location));
        }
        if (offset > data.bytes() || length > data.bytes() - offset) {
            throw TensorProto.damaged(
                    model,
                    spec.name(),
                    "should be the " + length + " bytes from " + offset + " on of " + Printable.name(location)
                            + ", which has " + data.bytes() + ": it is truncated, or that of another model");
        }
        TensorInfo tensor = OnnxReader.info(spec, data.source(), offset);
        placed.add(tensor);
        return tensor;
    }

    /** The files that were opened, with their sizes. */
    Map<Path, Long> sizes() {
        Map<Path, Long> sizes = new LinkedHashMap<>();
        byLocation.values().forEach(data -> sizes.put(data.source().path(), data.bytes()));
        return sizes;
    }

    /**
     * Checks that no tensor has some of another's bytes. It may have all of them: writers store equal tensors once.
     *
     * @throws CheckpointException if one does
     */
    void checkOverlaps() {
        List<TensorInfo> inOrder = new ArrayList<>(placed);
        inOrder.removeIf(tensor -> tensor.bytes() == 0);
        inOrder.sort(Comparator.comparing((TensorInfo t) -> t.source().toString())
                .thenComparingLong(TensorInfo::offset)
                .thenComparingLong(TensorInfo::bytes));
        for (int k = 1; k < inOrder.size(); k++) {
            TensorInfo before = inOrder.get(k - 1);
            TensorInfo tensor = inOrder.get(k);
            boolean same = before.offset() == tensor.offset() && before.bytes() == tensor.bytes();
            if (before.source().equals(tensor.source())
                    && !same
                    && tensor.offset() < before.offset() + before.bytes()) {
                throw TensorProto.damaged(
                        model,
                        tensor.name(),
                        "has some of the bytes of " + Printable.name(before.name()) + " in " + tensor.source());
            }
        }
    }

    private DataFile open(String tensor, String location) throws IOException {
        Path data = find(tensor, location);
        try (RandomFile in = RandomFile.open(data)) {
            return new DataFile(in.source(), in.size());
        }
    }

    private Path find(String tensor, String location) throws IOException {
        Path data;
        try {
            data = model.getFileSystem().getPath(location);
        } catch (InvalidPathException e) {
            throw outside(tensor, location, "which is no name of a file here");
        }
        boolean plain = !location.isEmpty() && !data.isAbsolute();
        for (Path part : data) {
            plain &= !part.toString().equals("..");
        }
        if (!plain) {
            throw outside(tensor, location, "which is not a file in its own folder");
        }
        Path home = model.toRealPath();
        Path file = model.resolveSibling(data.normalize());
        if (!Files.isRegularFile(file)) {
            file = home.resolveSibling(data.normalize());
        }
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw outside(tensor, location, "which is not a regular file");
        }
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(
                    Reason.NOT_FOUND,
                    model,
                    "the data file " + Printable.name(location) + " is missing from its folder",
                    Details.of().tensor(tensor).hint("keep a model and its data files together"));
        }
        Path real = file.toRealPath();
        // A download's folder may be links to the files of another, where model and data are together again.
        boolean inside =
                real.startsWith(model.toAbsolutePath().getParent().toRealPath()) || real.startsWith(home.getParent());
        if (!inside || real.equals(home)) {
            throw outside(tensor, location, inside ? "which is the model itself" : "a link out of its folder");
        }
        return file;
    }

    private CheckpointException outside(String tensor, String location, String why) {
        return new CheckpointException(
                Reason.DAMAGED,
                model,
                "has its tensor " + Printable.name(tensor) + " in '" + Printable.name(location) + "', " + why,
                Details.of().tensor(tensor));
    }

    private long number(String tensor, String what, String text) {
        try {
            long number = Long.parseLong(text.strip());
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Reported below.
        }
        throw TensorProto.damaged(
                model,
                tensor,
                "has the " + what + " '" + Printable.name(text) + "' in its data file, which is no number");
    }
}
