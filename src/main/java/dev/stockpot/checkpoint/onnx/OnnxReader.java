package dev.stockpot.checkpoint.onnx;

import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.checkpoint.spool.Spool;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import dev.stockpot.text.Figures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Opens ONNX models. Values are read in place, from the model's file or from its data files, at any alignment. Only those
 * that the file lists one by one as numbers of variable length are copied, to a temporary file, once they are wanted.
 */
public final class OnnxReader {
    /** What {@link Contents#format} is. */
    public static final String FORMAT = "onnx";

    private OnnxReader() {}

    /**
     * Reads what tensors a model has, and checks where they are.
     *
     * @throws CheckpointException if it is damaged or truncated, has tensors that cannot be read, or data files outside its
     *     folder
     */
    public static Contents open(Path file) {
        try (RandomFile in = RandomFile.open(file);
                Spool spool = new Spool(in)) {
            OnnxModel model = OnnxModel.read(file, in);
            DataFiles data = new DataFiles(file);
            LinkedHashMap<String, TensorInfo> tensors = new LinkedHashMap<>();
            for (Map.Entry<String, OnnxModel.Found> found : model.tensors().entrySet()) {
                TensorProto proto = found.getValue().proto();
                TensorSpec spec = proto.spec(found.getKey(), file);
                tensors.put(spec.name(), place(file, in.source(), spec, proto, data, spool));
            }
            data.checkOverlaps();
            in.checkUnchanged();
            Map<Path, Long> files = new LinkedHashMap<>();
            files.put(file, in.size());
            files.putAll(data.sizes());
            return new Contents(
                    FORMAT,
                    files,
                    model.metadata(),
                    TensorMap.of(tensors),
                    List.of(),
                    List.of(),
                    notes(model),
                    spool.keep());
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        } catch (OutOfMemoryError e) {
            throw new CheckpointException(
                    Reason.NO_MEMORY,
                    file,
                    "has more tensors than the Java heap can list",
                    Details.of().hint("give the JVM more, such as -Xmx1g").cause(e));
        }
    }

    private static TensorInfo place(
            Path file, FileSource source, TensorSpec spec, TensorProto proto, DataFiles data, Spool spool)
            throws IOException {
        if (proto.isExternal()) {
            return data.place(spec, proto.external());
        }
        if (proto.values() != null) {
            if (proto.values().bytes() != spec.bytes()) {
                throw TensorProto.damaged(
                        file,
                        spec.name(),
                        "of " + spec.dtype() + " " + spec.shape() + " should have " + spec.bytes() + " bytes but has "
                                + proto.values().bytes());
            }
            return info(spec, source, proto.values().from());
        }
        // Each value takes a byte at least, so no small file makes a large copy.
        if (proto.listedBytes() < Listed.count(spec)) {
            throw TensorProto.damaged(
                    file, spec.name(), "of " + spec.dtype() + " " + spec.shape() + " has too few values");
        }
        long offset = spool.reserve(spec.bytes());
        FileSource copies = new FileSource(spool.file());
        spool.later(new Listed(file, proto, spec, offset)::copy);
        return info(spec, copies, offset);
    }

    static TensorInfo info(TensorSpec spec, FileSource source, long offset) {
        return new TensorInfo(spec.name(), spec.dtype(), spec.shape(), source, offset, spec.bytes());
    }

    private static List<String> notes(OnnxModel model) {
        List<String> notes = new ArrayList<>();
        if (model.quantised() > 0) {
            notes.add("the model is quantised (" + Figures.count(model.quantised(), "node")
                    + "): its integers are taken from the first ingredient and not averaged, although their scales are;"
                    + " average the models that were quantised instead, and quantise the soup");
        }
        if (model.strings() > 0) {
            notes.add(Figures.count(model.strings(), "tensor") + " of texts not read");
        }
        return notes;
    }
}
