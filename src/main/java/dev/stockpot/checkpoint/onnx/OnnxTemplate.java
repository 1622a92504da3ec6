package dev.stockpot.checkpoint.onnx;

import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.file.FlatTemplate;
import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.TensorSpec;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model whose graph outputs are written with. Values in the model's file stay where they are in it, and those in data
 * files go into one that is named after the output: two outputs in one folder share none. Values that are listed one by one
 * become {@code raw_data}. The rest of the file is copied byte for byte.
 */
public final class OnnxTemplate extends FlatTemplate {
    /** What the name of an output's data file has after the output's. */
    public static final String DATA_ENDING = ".data";

    /** Mixtures are PyTorch's by their metadata, which ONNX has no use for. */
    private static final String FORMAT_KEY = "format";

    private static final int METADATA = 14;
    /** Large values begin at a multiple of what every system can map, as exporters place them. */
    private static final long LARGE = 1 << 20;

    private static final long MAPPABLE = 1 << 16;
    private static final long ALIGNMENT = 64;

    private final OnnxModel model;
    private final FileSource source;

    private OnnxTemplate(Path file, Contents contents, Naming naming, OnnxModel model, FileSource source) {
        super(file, contents, naming);
        this.model = model;
        this.source = source;
    }

    /**
     * Reads the model in {@code file}.
     *
     * @throws CheckpointException as for {@link OnnxReader#open}, or if the naming has keys
     */
    public static OnnxTemplate open(Path file, Naming naming) {
        if (!naming.keys().isEmpty()) {
            throw new CheckpointException(Reason.NO_KEYS, file, "is an ONNX model, which has no keys to choose by");
        }
        Contents contents = OnnxReader.open(file);
        try (RandomFile in = RandomFile.open(file)) {
            return new OnnxTemplate(file, contents, naming, OnnxModel.read(file, in), in.source());
        } catch (IOException e) {
            CheckpointException failure = CheckpointException.unreadable(file, e);
            contents.discard(failure);
            throw failure;
        } catch (RuntimeException | Error e) {
            contents.discard(e);
            throw e;
        }
    }

    @Override
    public CheckpointLayout layout(
            Path out, List<TensorSpec> tensors, Map<String, String> tied, Map<String, String> metadata) {
        String name = out.getFileName().toString();
        Splice splice = new Splice();
        DataLayout data = new DataLayout(name + DATA_ENDING);
        placed(tensors).forEach((own, tensor) -> {
            checkType(own, tensor);
            place(splice, model.tensors().get(own).proto(), tensor, data);
        });
        place(splice, metadata);
        try {
            Splice.Result result = splice.of(source);
            List<FileLayout> files = new ArrayList<>();
            files.add(new FileLayout(name, new byte[0], result.values(), result.bytes(), result.pieces(), null));
            if (!data.isEmpty()) {
                files.add(data.layout());
            }
            return new CheckpointLayout(OnnxReader.FORMAT, files, Map.of());
        } catch (IOException e) {
            throw CheckpointException.unreadable(file(), e);
        }
    }

    private void checkType(String own, TensorSpec tensor) {
        TensorSpec here = contents().tensors().get(own).spec();
        if (tensor.dtype() != here.dtype()) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    file(),
                    "computes with " + Printable.name(own) + " as " + here.dtype()
                            + ", so an output like it cannot have it as " + tensor.dtype(),
                    Details.of()
                            .tensor(own)
                            .hint("an ONNX graph states every tensor's type: write " + here.dtype()
                                    + ", and convert the model afterwards"));
        }
    }

    private static void place(Splice splice, TensorProto proto, TensorSpec tensor, DataLayout data) {
        if (proto.isExternal()) {
            refer(splice, proto, data.name(), data.add(tensor), tensor.bytes());
        } else if (proto.values() == null) {
            proto.replaceable().forEach(range -> splice.replace(proto.message(), range, new byte[0]));
            splice.append(proto.message(), TensorProto.RAW_DATA, tensor);
        } else if (tensor.bytes() > 0) {
            splice.replace(proto.message(), proto.values(), tensor);
        }
    }

    /** Says that a tensor's values are in a data file. */
    static void refer(Splice splice, TensorProto proto, String location, long offset, long bytes) {
        proto.replaceable().forEach(range -> splice.replace(proto.message(), range, new byte[0]));
        splice.append(proto.message(), DataFiles.fields(location, offset, bytes));
    }

    /** The file's own texts that the output has too stay where they are; others are put at its end. */
    private void place(Splice splice, Map<String, String> metadata) {
        Map<String, String> more = new LinkedHashMap<>(merged(metadata));
        if (!model.metadata().containsKey(FORMAT_KEY)) {
            more.remove(FORMAT_KEY);
        }
        for (OnnxModel.Text text : model.texts()) {
            if (text.key().startsWith(OF_OUTPUTS)) {
                splice.replace(model.whole(), text.field(), new byte[0]);
            } else {
                more.remove(text.key());
            }
        }
        more.forEach((key, text) -> splice.append(model.whole(), Metadata.field(METADATA, key, text)));
    }

    /** Values one after another in a file of their own. */
    private static final class DataLayout {
        private final String name;
        private final List<FileLayout.Placement> values = new ArrayList<>();
        private long end;

        DataLayout(String name) {
            this.name = name;
        }

        String name() {
            return name;
        }

        boolean isEmpty() {
            return values.isEmpty();
        }

        /** The offset that a tensor's values get. */
        long add(TensorSpec tensor) {
            // Nothing is written for an empty one, so the file ends before it.
            long alignment = tensor.bytes() == 0 ? 1 : tensor.bytes() >= LARGE ? MAPPABLE : ALIGNMENT;
            long offset = (end + alignment - 1) / alignment * alignment;
            values.add(new FileLayout.Placement(tensor.name(), tensor.dtype(), tensor.shape(), offset, tensor.bytes()));
            end = offset + tensor.bytes();
            return offset;
        }

        FileLayout layout() {
            return new FileLayout(name, new byte[0], values, end, List.of(), null);
        }
    }
}
