package dev.stockpot.checkpoint.onnx;

import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tensors of a model that may be weights, in the order of its file: all initializers, and the constants of a float type
 * among its nodes, into which some exporters turn initializers. An initializer of the main graph has its own name, as it is
 * unique there, and a constant that of the value that it is. In a graph inside a node or in a function, names need not be
 * unique: there they have the path to it in front, such as {@code If_3/then_branch/weight}.
 */
final class OnnxModel {
    private static final int GRAPH = 7;
    private static final int METADATA = 14;
    private static final int FUNCTION = 25;

    private static final int LONGEST_TEXT = 1 << 24;
    /** The most graphs inside each other. */
    static final int DEEPEST = 64;

    /** Operators that compute with integers instead of weights, or make weights of them. */
    private static final Set<String> QUANTISED = Set.of(
            "DequantizeLinear",
            "QLinearConv",
            "QLinearMatMul",
            "MatMulInteger",
            "ConvInteger",
            "MatMulNBits",
            "QGemm",
            "DynamicQuantizeMatMul",
            "QAttention");

    /**
     * A tensor.
     *
     * @param own its name in the graph that it is in
     * @param inMain whether that is the main graph
     */
    record Found(TensorProto proto, String own, boolean inMain) {}

    /** A key of the metadata, and the field that it is in. */
    record Text(String key, TensorProto.Range field) {}

    private final Path file;
    private final ProtoInput in;
    private final Map<String, Found> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final List<Text> texts = new ArrayList<>();
    private final Map<String, Integer> paths = new HashMap<>();
    private ProtoInput.Message whole;
    private boolean graph;
    private int strings;
    private int quantised;

    private OnnxModel(Path file, ProtoInput in) {
        this.file = file;
        this.in = in;
    }

    /**
     * Walks through {@code opened}, which is {@code file}; no values are read.
     *
     * @throws CheckpointException if it is no model, or one of its tensors cannot be read
     */
    static OnnxModel read(Path file, RandomFile opened) throws IOException {
        OnnxModel model = new OnnxModel(file, new ProtoInput(file, opened));
        model.read();
        return model;
    }

    /** By the names of the checkpoint. */
    Map<String, Found> tensors() {
        return tensors;
    }

    /** The texts that the model keeps for whoever reads it. */
    Map<String, String> metadata() {
        return metadata;
    }

    /** Where these are. */
    List<Text> texts() {
        return texts;
    }

    /** How many initializers are texts, which are no weights. */
    int strings() {
        return strings;
    }

    /** How many nodes compute with integers instead of weights. */
    int quantised() {
        return quantised;
    }

    /** The message that is the whole file. */
    ProtoInput.Message whole() {
        return whole;
    }

    private void read() throws IOException {
        whole = in.whole();
        for (int field = in.field(); field != 0; field = in.field()) {
            switch (field) {
                case GRAPH -> {
                    graph = true;
                    graph(whole, "", 0);
                }
                case FUNCTION -> function();
                case METADATA -> text();
                default -> in.skip();
            }
        }
        if (!graph) {
            throw in.damaged("has no graph: it is truncated, or not an ONNX model");
        }
    }

    private void text() throws IOException {
        long from = in.fieldAt();
        ProtoInput.Message message = in.enter(whole);
        Map.Entry<String, String> entry = Metadata.entry(in, LONGEST_TEXT);
        in.leave(message);
        metadata.putIfAbsent(entry.getKey(), entry.getValue());
        texts.add(new Text(entry.getKey(), new TensorProto.Range(from, message.end())));
    }

    /** A graph (onnx.proto, {@code GraphProto}). */
    private void graph(ProtoInput.Message outer, String path, int depth) throws IOException {
        if (depth > DEEPEST) {
            throw in.damaged("has graphs inside each other more than " + DEEPEST + " deep");
        }
        ProtoInput.Message message = in.enter(outer);
        int nodes = 0;
        for (int field = in.field(); field != 0; field = in.field()) {
            switch (field) {
                case Node.IN_GRAPH -> node(message, path, nodes++, depth);
                case Node.INITIALIZER -> {
                    TensorProto tensor = TensorProto.read(file, in, message);
                    add(path, tensor.name(), tensor, true);
                }
                case Node.SPARSE_INITIALIZER ->
                    throw new CheckpointException(
                            Reason.UNSUPPORTED,
                            file,
                            "has a sparse initializer at byte " + in.fieldAt() + ", which cannot be averaged",
                            Details.of().hint("make it dense: onnx.helper.make_tensor with all of its values"));
                default -> in.skip();
            }
        }
        in.leave(message);
    }

    /** A function of the model (onnx.proto, {@code FunctionProto}): nodes, without initializers. */
    private void function() throws IOException {
        ProtoInput.Message message = in.enter(whole);
        String path = path("", Node.functionName(in)) + "/";
        in.again(message);
        int nodes = 0;
        for (int field = in.field(); field != 0; field = in.field()) {
            if (field == Node.IN_FUNCTION) {
                node(message, path, nodes++, 1);
            } else {
                in.skip();
            }
        }
        in.leave(message);
    }

    private void node(ProtoInput.Message outer, String path, int index, int depth) throws IOException {
        ProtoInput.Message message = in.enter(outer);
        Node node = Node.read(in, message);
        quantised += QUANTISED.contains(node.op()) ? 1 : 0;
        if (node.attributes() > 0) {
            String here = null;
            in.again(message);
            for (int field = in.field(); field != 0; field = in.field()) {
                if (field != Node.ATTRIBUTE) {
                    in.skip();
                    continue;
                }
                ProtoInput.Message attribute = in.enter(message);
                String name = Node.attributeName(in);
                in.again(attribute);
                for (int part = in.field(); part != 0; part = in.field()) {
                    if (part == Node.TENSOR && node.isConstant() && name.equals("value")) {
                        add(path, node.output(), TensorProto.read(file, in, attribute), false);
                    } else if (part == Node.TENSOR || part == Node.TENSORS) {
                        if (TensorProto.isExternal(in, attribute)) {
                            throw elsewhere(name + " of node " + node.label(index));
                        }
                    } else if (part == Node.GRAPH || part == Node.GRAPHS) {
                        here = here == null ? path(path, node.label(index)) : here;
                        graph(attribute, path("", here + "/" + name) + "/", depth + 1);
                    } else {
                        in.skip();
                    }
                }
                in.leave(attribute);
            }
        }
        in.leave(message);
    }

    /** Of what is no weight only the model's own file is read and written, so that an output would lack the values. */
    private CheckpointException elsewhere(String what) {
        return new CheckpointException(
                Reason.UNSUPPORTED,
                file,
                "keeps " + Printable.name(what) + ", which is no weight, in another file",
                Details.of()
                        .hint("put it into the model: onnx.save(onnx.load(FILE), OUT, save_as_external_data=True,"
                                + " convert_attribute=False)"));
    }

    /** A path that no other has. */
    private String path(String before, String label) {
        String path = before + label;
        int more = paths.merge(path, 1, Integer::sum);
        return more == 1 ? path : path + "#" + more;
    }

    private void add(String path, String own, TensorProto tensor, boolean initializer) {
        if (tensor.type() == ElementType.STRING) {
            strings++;
            return;
        }
        boolean weight = tensor.type() != null
                && tensor.type().dtype() != null
                && tensor.type().dtype().isFloat();
        if (!initializer && !weight) {
            if (tensor.isExternal()) {
                throw elsewhere("constant " + own);
            }
            return;
        }
        if (own.isEmpty()) {
            throw in.damaged("has a tensor without a name before byte " + in.position());
        }
        if (tensors.putIfAbsent(path + own, new Found(tensor, own, path.isEmpty())) != null) {
            throw TensorProto.damaged(file, path + own, "is there twice");
        }
    }
}
